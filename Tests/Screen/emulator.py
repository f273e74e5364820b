"""A terminal's screen that remembers what scrolled out, and what was done to text that was on it."""
import pyte


class Emulator(pyte.Screen):
    """The screen, with notes:

    scrolled   rows that left the screen at its top
    erased     rows that were wiped with text on them
    overdrawn  (old, new) characters that were written over others
    wrapped    rows that were full, so that the terminal itself began another
    """

    def __init__(self, columns, lines):
        self.scrolled, self.erased, self.overdrawn, self.wrapped = [], [], [], []
        self.drawing, self.blotted = False, (-1, -1, "")
        super().__init__(columns, lines)

    def row(self, y):
        cells = self.buffer[y]
        return "".join(cells[x].data for x in range(self.columns)).rstrip()

    def rows(self):
        """Everything that was shown and not wiped, from the first row to the last with text."""
        rows = self.scrolled + [self.row(y) for y in range(self.lines)]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def draw(self, data):
        self.drawing = True
        for char in data:
            if self.cursor.x < self.columns:
                old = self.buffer[self.cursor.y][self.cursor.x].data
                if char == " ":
                    # Part of wiping the row, if that follows.
                    self.blotted = (self.cursor.y, self.cursor.x, old)
                elif old.strip() and old != char:
                    self.overdrawn.append((old, char))
            super().draw(char)
        self.drawing = False

    def index(self):
        if self.drawing:
            self.wrapped.append(self.row(self.cursor.y))
        if self.cursor.y == self.lines - 1:
            self.scrolled.append(self.row(0))
        super().index()

    def note(self, first, last, from_column=0):
        for y in range(first, last + 1):
            text = self.row(y)[from_column if y == first else 0:]
            if y == first and self.blotted[:2] == (y, from_column - 1):
                text = self.blotted[2] + text
            if text.strip():
                self.erased.append(text)

    def erase_in_display(self, how=0, *arguments, **named):
        if how == 0:
            self.note(self.cursor.y, self.lines - 1, self.cursor.x)
        elif how == 2:
            self.note(0, self.lines - 1)
        super().erase_in_display(how, *arguments, **named)

    def erase_in_line(self, how=0, private=False):
        self.note(self.cursor.y, self.cursor.y, self.cursor.x if how == 0 else 0)
        super().erase_in_line(how, private)

    def delete_lines(self, count=None):
        self.note(self.cursor.y, min(self.cursor.y + (count or 1), self.lines) - 1)
        super().delete_lines(count)

    def resize(self, lines, columns):
        """As xterm does it: columns are cut off, and rows leave at the top while the cursor's would be lost."""
        while self.cursor.y >= lines:
            self.scrolled.append(self.row(0))
            for y in range(self.lines):
                self.buffer[y] = self.buffer.get(y + 1, pyte.screens.StaticDefaultDict(self.default_char))
            self.cursor.y -= 1
        for cells in self.buffer.values():
            for x in range(columns, self.columns):
                cells.pop(x, None)
        self.lines, self.columns = lines, columns
        self.cursor.x = min(self.cursor.x, columns - 1)
        self.set_margins()


def rendered(text, columns):
    """The rows that `text` takes on a screen of that width."""
    screen = Emulator(columns, 50)
    pyte.Stream(screen).feed(text.replace("\n", "\r\n"))
    return screen.rows()
