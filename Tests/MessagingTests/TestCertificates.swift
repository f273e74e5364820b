import Messaging

/// Certificates for tests, valid from 2020 to 2120. Their keys are secret to nobody.
enum TestCertificates {
    /// A node of the cluster.
    static let node = make(authority, nodeCertificate, nodeKey)

    /// A node that believes in the cluster's authority and has a certificate of another one.
    static let stranger = make(authority, strangerCertificate, strangerKey)

    /// A node of the cluster that looks for nodes of another name.
    static let elsewhere = make(authority, nodeCertificate, nodeKey, peerName: "node.elsewhere")

    private static func make(
        _ authority: String, _ certificate: String, _ key: String, peerName: String = "node.brigade"
    ) -> TLSCredentials {
        do {
            return try TLSCredentials(
                authority: authority, certificate: certificate, key: key, peerName: peerName)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBZjCCAQugAwIBAgIBATAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA50ZXN0IGF1
        dGhvcml0eTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowGTEXMBUG
        A1UEAwwOdGVzdCBhdXRob3JpdHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQe
        kbc0VCfYVLefbxc+y6nmxum7YjpgfIbyGzNoBBFoTJugr/yFW4o9tixnsglpN/3F
        gJiXaFBMTRql0KkUyyKho0IwQDAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQE
        AwICBDAdBgNVHQ4EFgQU+JnqdGkWkOPzNDAvYg0lS+nvLpowCgYIKoZIzj0EAwID
        SQAwRgIhAOf/IMlGAmWma26JkhRgNmF5PcW0l0VZWam3Nm1aKQZpAiEA8VAinD6h
        dLBl3qf0dKsK/muIThdO7Dz8d0ThPhPwFXE=
        -----END CERTIFICATE-----
        """

    static let nodeCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBfDCCASKgAwIBAgIBAjAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA50ZXN0IGF1
        dGhvcml0eTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFzEVMBMG
        A1UEAwwMbm9kZS5icmlnYWRlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAELz4O
        Q4PAyDCwXZR+0rHiojW2VsESzRn0u/Q7I9P7cxnJ9suVgK2CDIcZf5QCJIMeWl0S
        4kIqrDhEmJmnT8fsw6NbMFkwFwYDVR0RBBAwDoIMbm9kZS5icmlnYWRlMB0GA1Ud
        DgQWBBQa57HeNvt5sAELBfE6ezbFRfbhzDAfBgNVHSMEGDAWgBT4mep0aRaQ4/M0
        MC9iDSVL6e8umjAKBggqhkjOPQQDAgNIADBFAiAxKwgycHBL+fYOIIwAG1o7GvAc
        Af7nf42cpBQpYn8o1QIhANoS4tsp2RIubkN9C+dk1bvoUBXPUR4CvF38Bz2T2rh5
        -----END CERTIFICATE-----
        """

    static let nodeKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgvD0baCs1dTk4JJyQ
        yxIN3to/izZSu/28TS8Gkco7p2ChRANCAAQvPg5Dg8DIMLBdlH7SseKiNbZWwRLN
        GfS79Dsj0/tzGcn2y5WArYIMhxl/lAIkgx5aXRLiQiqsOESYmadPx+zD
        -----END PRIVATE KEY-----
        """

    static let strangerCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBfTCCASOgAwIBAgIBBDAKBggqhkjOPQQDAjAaMRgwFgYDVQQDDA9vdGhlciBh
        dXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBcxFTAT
        BgNVBAMMDG5vZGUuYnJpZ2FkZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABAtr
        EaS7+My4m3E+2h+3HbRyaUPg3DqbwUjgfGLMDkb4y/qwLGixkW6SIZQqyMFnCEPy
        ivP5sON8qMa6CiDa3i2jWzBZMBcGA1UdEQQQMA6CDG5vZGUuYnJpZ2FkZTAdBgNV
        HQ4EFgQUykrbyrc0AgPJVwmXYT4nC6G/zG4wHwYDVR0jBBgwFoAUj8xT1BACwVAQ
        HDPK5pPQpv2r1mAwCgYIKoZIzj0EAwIDSAAwRQIhAIYPab1iXMBYj8qCwOuAcnFo
        BD2sKK4ZjHKVICHmDwZoAiAjAUlvYO16pdWlHpLPpapYCHMx+TMlY1C8vra+G3Da
        CA==
        -----END CERTIFICATE-----
        """

    static let strangerKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgTMappkrK05yBHQ+s
        +4amkqqKwFhZIHPSjaM962IfYYShRANCAAQLaxGku/jMuJtxPtoftx20cmlD4Nw6
        m8FI4HxizA5G+Mv6sCxosZFukiGUKsjBZwhD8orz+bDjfKjGugog2t4t
        -----END PRIVATE KEY-----
        """
}
