/// The bytes of every token, and the lookup from bytes to an id.
struct TokenTable: Sendable {
    /// The bytes of all tokens in the order of their ids.
    private(set) var storage: [UInt8] = []
    /// Token `id` is `storage[offsets[id]..<offsets[id + 1]]`.
    private(set) var offsets: [Int] = [0]
    /// Open addressing by the hash of the bytes; -1 is an empty slot.
    private var slots: [Int32]
    private let hash = ByteHash()

    /// Builds the table; `types` holds one type per token of `vocabulary`.
    init(_ vocabulary: Vocabulary, types: [TokenType]) {
        slots = [Int32](repeating: -1, count: ByteHash.slots(for: vocabulary.tokens.count))
        offsets.reserveCapacity(vocabulary.tokens.count + 1)
        storage.reserveCapacity(8 * vocabulary.tokens.count)
        let alphabet = ByteAlphabet()
        var text: [UInt8] = []
        for (token, type) in zip(vocabulary.tokens, types) {
            text.removeAll(keepingCapacity: true)
            text.append(contentsOf: token.utf8)
            Self.append(text, type, alphabet, to: &storage)
            offsets.append(storage.count)
        }
        // Normal tokens first, so that they win where two ids have the same bytes. Control and unknown tokens are left
        // out, so that no text can become one by this lookup.
        for pass in [true, false] {
            for (id, type) in types.enumerated() where (type == .normal) == pass {
                if type != .control && type != .unknown { enter(Int32(id)) }
            }
        }
    }

    /// Number of tokens.
    var count: Int { offsets.count - 1 }

    /// The position of token `id` in `storage`; the id must be valid.
    func range(of id: Int32) -> Range<Int> {
        offsets[Int(id)]..<offsets[Int(id) + 1]
    }

    /// The id whose bytes are `bytes[range]`; nil when plain text cannot become such a token.
    func id(of bytes: [UInt8], _ range: Range<Int>) -> Int32? {
        var slot = hash(bytes, range) & (slots.count - 1)
        while slots[slot] >= 0 {
            if equal(slots[slot], bytes, range) { return slots[slot] }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private mutating func enter(_ id: Int32) {
        let range = range(of: id)
        if range.isEmpty { return }
        var slot = hash(storage, range) & (slots.count - 1)
        while slots[slot] >= 0 {
            if equal(slots[slot], storage, range) { return }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = id
    }

    private func equal(_ id: Int32, _ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        let own = self.range(of: id)
        guard own.count == range.count else { return false }
        for index in 0..<own.count where storage[own.lowerBound + index] != bytes[range.lowerBound + index] {
            return false
        }
        return true
    }

    /// Appends the bytes of `token`: the text itself for special tokens, else the byte-level alphabet decoded. A normal
    /// token outside the alphabet is taken literally too, since some fine-tunes mark the words they add as normal.
    private static func append(
        _ token: [UInt8], _ type: TokenType, _ alphabet: ByteAlphabet, to storage: inout [UInt8]
    ) {
        if type == .byte, let byte = byteValue(String(decoding: token, as: UTF8.self)) {
            storage.append(byte)
        } else if type.isSpecial || !alphabet.append(token, 0..<token.count, to: &storage) {
            storage.append(contentsOf: token)
        }
    }

    /// The value of a byte token such as `<0x0A>`; nil for other text.
    private static func byteValue(_ token: String) -> UInt8? {
        guard token.utf8.count == 6, token.hasPrefix("<0x"), token.hasSuffix(">") else { return nil }
        return UInt8(token.dropFirst(3).dropLast(), radix: 16)
    }
}
