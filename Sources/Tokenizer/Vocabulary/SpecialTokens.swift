/// The special tokens (control and user-defined ones), which are found in text as a whole; a trie over their bytes.
struct SpecialTokens: Sendable {
    /// A token found in the text.
    struct Match: Equatable {
        var id: Int32
        /// The position after its last byte.
        var end: Int
    }

    /// Limit on a special token's length in bytes, which bounds the search at each position of a text.
    static let byteLimit = 1024

    /// Whether a token begins with this byte.
    private var begins = [Bool](repeating: false, count: 256)
    /// The next node for a node (upper bits) and a byte (lower 8 bits); node 0 is the root.
    private var edges: [Int: Int] = [:]
    /// For each node, the control token and the user-defined token that end there; -1 for none.
    private var controls: [Int32] = [-1]
    private var userDefined: [Int32] = [-1]

    /// Builds the trie of the special tokens in `table`.
    init(_ table: TokenTable, types: [TokenType]) throws(TokenizerError) {
        for (id, type) in types.enumerated() where type.isSpecial {
            let range = table.range(of: Int32(id))
            guard range.count <= Self.byteLimit else {
                throw .specialTokenTooLong(id: id, bytes: range.count, limit: Self.byteLimit)
            }
            guard let first = range.first else { continue }
            begins[Int(table.storage[first])] = true
            var node = 0
            for index in range {
                let edge = node << 8 | Int(table.storage[index])
                if let next = edges[edge] {
                    node = next
                } else {
                    edges[edge] = controls.count
                    node = controls.count
                    controls.append(-1)
                    userDefined.append(-1)
                }
            }
            if type == .control, controls[node] < 0 { controls[node] = Int32(id) }
            if type == .userDefined, userDefined[node] < 0 { userDefined[node] = Int32(id) }
        }
    }

    /// Whether a token may start with `byte`.
    @inline(__always)
    func mayBegin(_ byte: UInt8) -> Bool { begins[Int(byte)] }

    /// The longest token that starts at `start`; a control token counts only when it ends at or before `trustedEnd`.
    func longestMatch(_ bytes: [UInt8], at start: Int, trustedEnd: Int) -> Match? {
        var node = 0
        var longest: Match?
        for place in start..<bytes.count {
            guard let next = edges[node << 8 | Int(bytes[place])] else { break }
            node = next
            if controls[node] >= 0 && place < trustedEnd {
                longest = Match(id: controls[node], end: place + 1)
            } else if userDefined[node] >= 0 {
                longest = Match(id: userDefined[node], end: place + 1)
            }
        }
        return longest
    }

    /// The special token with the text `name`; if there are two, the control token.
    func id(named name: String) -> Int32? {
        var node = 0
        for byte in name.utf8 {
            guard let next = edges[node << 8 | Int(byte)] else { return nil }
            node = next
        }
        if controls[node] >= 0 { return controls[node] }
        return userDefined[node] >= 0 ? userDefined[node] : nil
    }
}
