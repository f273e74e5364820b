/// What a person does at the keyboard, as the line editor understands it.
enum Key: Equatable, Sendable {
    case character(Character)
    /// Text pasted at once; its newlines are "\n".
    case paste(String)
    case enter
    case backspace, delete
    case left, right, wordLeft, wordRight, home, end
    case up, down
    case killToStart, killToEnd, killWord
    case clearScreen
    /// Ctrl-C, ctrl-D and ctrl-Z: in raw mode they are keys like others.
    case interrupt, endOfInput, suspend
    /// Not a key: the terminal's answer to what it is.
    case identity(TerminalIdentity)
}

/// What a terminal answers to `TerminalIdentity.question` (secondary device attributes, DA2): its kind and version.
///
/// Source: XTerm's control sequences, "Send Device Attributes (Secondary DA)".
struct TerminalIdentity: Equatable, Sendable {
    static let question = "\u{1b}[>c"

    /// The numbers of the answer.
    var numbers: [Int]

    /// Whether it breaks lines anew when its window becomes narrower. Most do; xterm (41), screen (83) and PuTTY
    /// (0;136) cut them off, as do those that give no answer at all.
    var reflows: Bool {
        switch numbers.first {
        case nil, 41, 83: false
        case 0: numbers.count < 2 || numbers[1] != 136
        default: true
        }
    }
}

/// Bytes from a terminal to keys: UTF-8, control characters, escape sequences of xterm and its kin, bracketed paste.
///
/// Unknown sequences and malformed UTF-8 are dropped. State survives between bytes, so a sequence may arrive in parts.
struct KeyParser: Sendable {
    private enum State {
        case ground
        case utf8(missing: Int)
        case escape
        case control  // after ESC [
        case single  // after ESC O
        case paste
    }

    private var state = State.ground
    private var bytes: [UInt8] = []
    private static let pasteEnd = Array("\u{1b}[201~".utf8)

    /// Takes one byte; returns the key it completes, if it does.
    mutating func feed(_ byte: UInt8) -> Key? {
        switch state {
        case .ground: return ground(byte)
        case .utf8(let missing):
            guard byte & 0xc0 == 0x80 else {
                state = .ground
                return ground(byte)
            }
            bytes.append(byte)
            state = missing > 1 ? .utf8(missing: missing - 1) : .ground
            return missing > 1 ? nil : character()
        case .escape: return escape(byte)
        case .single:
            state = .ground
            return Self.cursorKey(byte, modified: false)
        case .control:
            bytes.append(byte)
            // Parameters are 0x30 to 0x3f, intermediates 0x20 to 0x2f; more than a few are noise.
            if (0x20...0x3f).contains(byte), bytes.count < 32 { return nil }
            state = .ground
            return control()
        case .paste:
            bytes.append(byte)
            guard byte == 0x7e, bytes.count >= Self.pasteEnd.count,
                bytes.suffix(Self.pasteEnd.count).elementsEqual(Self.pasteEnd)
            else {
                return nil
            }
            state = .ground
            return .paste(Self.pasted(bytes.dropLast(Self.pasteEnd.count)))
        }
    }

    private mutating func ground(_ byte: UInt8) -> Key? {
        switch byte {
        case 0x1b:
            state = .escape
            return nil
        case 0x0d, 0x0a: return .enter
        case 0x09: return .character("\t")
        case 0x7f, 0x08: return .backspace
        case 0x01: return .home
        case 0x02: return .left
        case 0x03: return .interrupt
        case 0x04: return .endOfInput
        case 0x05: return .end
        case 0x06: return .right
        case 0x0b: return .killToEnd
        case 0x0c: return .clearScreen
        case 0x0e: return .down
        case 0x10: return .up
        case 0x15: return .killToStart
        case 0x17: return .killWord
        case 0x1a: return .suspend
        case 0x20...0x7e: return .character(Character(UnicodeScalar(byte)))
        case 0xc2...0xf4:
            bytes = [byte]
            state = .utf8(missing: byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3)
            return nil
        default: return nil
        }
    }

    private func character() -> Key? {
        guard let text = String(validating: bytes, as: UTF8.self), let character = text.first,
            character.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { return nil }
        return .character(character)
    }

    private mutating func escape(_ byte: UInt8) -> Key? {
        state = .ground
        switch byte {
        case UInt8(ascii: "["):
            state = .control
            bytes = []
        case UInt8(ascii: "O"): state = .single
        case 0x1b: state = .escape
        case UInt8(ascii: "b"): return .wordLeft
        case UInt8(ascii: "f"): return .wordRight
        case 0x7f, 0x08: return .killWord
        default: break
        }
        return nil
    }

    /// `ESC [ parameters final`; parameters of the keys we know are "n" or "1;modifier".
    private mutating func control() -> Key? {
        let numbers = bytes.dropLast().split(separator: UInt8(ascii: ";")).map {
            Int(String(decoding: $0, as: UTF8.self)) ?? 0
        }
        let final = bytes[bytes.count - 1]
        if final == UInt8(ascii: "c"), bytes.first == UInt8(ascii: ">") {
            let text = String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)
            return .identity(TerminalIdentity(numbers: text.split(separator: ";").compactMap { Int($0) }))
        }
        let modified = numbers.count > 1 && numbers[1] > 1
        guard final == UInt8(ascii: "~") else { return Self.cursorKey(final, modified: modified) }
        switch numbers.first {
        case 1, 7: return .home
        case 3: return modified ? .killWord : .delete
        case 4, 8: return .end
        case 200:
            state = .paste
            bytes = []
            return nil
        default: return nil
        }
    }

    private static func cursorKey(_ final: UInt8, modified: Bool) -> Key? {
        switch final {
        case UInt8(ascii: "A"): .up
        case UInt8(ascii: "B"): .down
        case UInt8(ascii: "C"): modified ? .wordRight : .right
        case UInt8(ascii: "D"): modified ? .wordLeft : .left
        case UInt8(ascii: "H"): .home
        case UInt8(ascii: "F"): .end
        default: nil
        }
    }

    /// Pasted bytes as text: newlines of all kinds become "\n", other control characters but tabs are dropped, since
    /// they would move the cursor or change the terminal when shown.
    private static func pasted(_ bytes: ArraySlice<UInt8>) -> String {
        var scalars = String.UnicodeScalarView()
        var afterReturn = false
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            if scalar == "\r" || scalar == "\n" {
                if !(scalar == "\n" && afterReturn) { scalars.append("\n") }
            } else if scalar == "\t" || scalar.properties.generalCategory != .control {
                scalars.append(scalar)
            }
            afterReturn = scalar == "\r"
        }
        return String(scalars)
    }
}
