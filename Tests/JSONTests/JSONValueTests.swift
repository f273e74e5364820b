import JSON
import Testing

struct JSONValueTests {
    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":1,}", "01", "1.", "\"\\x\"", "\"\\ud800\"", "\"\n\"", "nul", "1 2",
        "{\"a\":1,\"a\":2}", "'a'", "+1", "\u{feff}1",
        String(repeating: "[", count: 200),
    ])
    func whatIsNoJSONIsRefused(text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    }

    @Test func whatIsReadIsWrittenAsItWas() throws {
        let text = #"{"b":[1,2.50,-0,1e5,true,null],"a":"ä\"\\\n\u0001","":{}}"#
        #expect(try JSONValue(parsing: text).text() == text)
        #expect(try JSONValue(parsing: #"{"a":[1,{"b":"\ud83d\ude00"}]}"#).text(.python) == #"{"a": [1, {"b": "😀"}]}"#)
        #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
    }
}
