final class ProgressLine { enum Unit { case tokens, bytes, count, none }
 init(label: String) {}
 func update(done: Int, total: Int, unit: Unit) {}
 func finish() {} }
