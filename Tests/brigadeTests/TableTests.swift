import Testing

@testable import brigade

struct TableTests {
    private static let table = Table(
        [
            .text("node", least: 4), .number("layers"), .number("KV cache", rank: 1),
            .number("time of one row", rank: 2),
        ],
        [["worker 1", "0-11", "16.00 MiB", "1.00"], ["a-name-that-is-long", "12-23+head", "8.00 MiB", "0.50"]])

    @Test func whereThereIsRoomHeadingsTakeOneLine() {
        let wide = """
            node                     layers   KV cache  time of one row
            worker 1                   0-11  16.00 MiB             1.00
            a-name-that-is-long  12-23+head   8.00 MiB             0.50

            """
        #expect(Self.table.text(width: nil) == wide)
        #expect(Self.table.text(width: 59) == wide)
    }

    @Test func inANarrowerWindowHeadingsGoOverLines() {
        #expect(
            Self.table.text(width: 58) == """
                                                            time
                                                              of
                                                             one
                node                     layers   KV cache   row
                worker 1                   0-11  16.00 MiB  1.00
                a-name-that-is-long  12-23+head   8.00 MiB  0.50

                """)
    }

    @Test func thenColumnsAreLeftOutAndNamed() {
        #expect(
            Self.table.text(width: 46) == """
                node                     layers   KV cache
                worker 1                   0-11  16.00 MiB
                a-name-that-is-long  12-23+head   8.00 MiB
                (in a wider window also time of one row)

                """)
    }

    @Test func thenCellsAreCut() {
        #expect(
            Self.table.text(width: 20) == """
                node          layers
                worker 1        0-11
                a-name-…  12-23+head
                (in a wider window …

                """)
    }

    @Test(arguments: 0...70) func noLineIsLongerThanTheWindow(_ width: Int) {
        for line in Self.table.text(width: width).split(separator: "\n") {
            #expect(displayWidth(String(line)) <= width)
        }
    }

    @Test func cellsFromOutsideStayInTheirPlace() {
        let table = Table([(name: "a\u{1b}[2J", value: "one\ntwo\tthree 水"), (name: "b", value: "")], indent: 2)
        #expect(table.text(width: nil) == "  a\u{241B}[2J  one two three 水\n  b\n")
        #expect(Table([.text("NAME")], []).text(width: 80) == "NAME\n")
    }
}
