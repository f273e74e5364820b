import CNNG

/// Who a node is to its peers, and whose peers it believes: both ends of a `tls+tcp` connection show a certificate of
/// the same authority, or there is no connection.
///
/// Sendable, unchecked: NNG counts who uses its settings, and nobody changes them once they are made.
public final class TLSCredentials: @unchecked Sendable {
    private let dialer: OpaquePointer
    private let listener: OpaquePointer

    /// Takes PEM texts.
    ///
    /// - Parameters:
    ///   - authority: certificates of the authorities that peers' certificates must come from.
    ///   - certificate: the node's certificate, with those between it and the authority behind it.
    ///   - key: the certificate's private key.
    ///   - peerName: the name that a listener's certificate must be made out to (as DNS name, or as common name where
    ///     it has none), whatever the address that was dialed. NNG 1.5.2 does not compare IP addresses, and tells no
    ///     more about a peer than that its certificate was verified: one name for all nodes says what is known then.
    public init(authority: String, certificate: String, key: String, peerName: String) throws(MessagingError) {
        dialer = try Self.make(NNG_TLS_MODE_CLIENT, authority, certificate, key, peerName)
        do { listener = try Self.make(NNG_TLS_MODE_SERVER, authority, certificate, key, peerName) } catch {
            nng_tls_config_free(dialer)
            throw error
        }
    }

    deinit {
        nng_tls_config_free(dialer)
        nng_tls_config_free(listener)
    }

    var dialing: UnsafeMutableRawPointer { UnsafeMutableRawPointer(dialer) }
    var listening: UnsafeMutableRawPointer { UnsafeMutableRawPointer(listener) }

    static func missing(_ operation: String, _ url: NodeURL) -> MessagingError {
        MessagingError(
            code: .notPermitted, operation: operation, url: url.description,
            detail: "the address asks for TLS, and this socket was given no certificate")
    }

    private static func make(
        _ mode: nng_tls_mode, _ authority: String, _ certificate: String, _ key: String, _ peerName: String
    ) throws(MessagingError) -> OpaquePointer {
        var made: OpaquePointer?
        func check(_ what: String, _ result: Int32) throws(MessagingError) {
            if result == 0 { return }
            var error = MessagingError(nng: result, operation: "read \(what)")
            if error.code != .outOfResources { error.code = .notPermitted }
            throw error
        }
        try check("TLS settings", nng_tls_config_alloc(&made, mode))
        guard let config = made else { throw MessagingError(code: .outOfResources, operation: "read TLS settings") }
        do {
            try check("the authority's certificate", nng_tls_config_ca_chain(config, authority, nil))
            try check("the node's certificate and key", nng_tls_config_own_cert(config, certificate, key, nil))
            try check("TLS settings", nng_tls_config_auth_mode(config, NNG_TLS_AUTH_MODE_REQUIRED))
            if mode == NNG_TLS_MODE_CLIENT {
                try check("the peers' name", nng_tls_config_server_name(config, peerName))
            }
        } catch {
            nng_tls_config_free(config)
            throw error
        }
        return config
    }
}

extension TLSCredentials: Equatable {
    public static func == (one: TLSCredentials, other: TLSCredentials) -> Bool { one === other }
}
