/// The speed of a node, as it measured itself.
public struct SpeedReply: Codable, Equatable, Sendable {
    /// Bytes per second that all threads together read from memory.
    public var readBandwidth: Double
    /// Bytes of weights per second in a product with one row.
    public var weightBandwidth: Double
    /// int8 multiply-adds per second with operands in registers.
    public var int8Rate: Double
    /// Multiply-adds per second in a product with many rows.
    public var multiplyAddRate: Double

    /// A `SpeedReply` with these values.
    public init(readBandwidth: Double, weightBandwidth: Double, int8Rate: Double, multiplyAddRate: Double) {
        self.readBandwidth = readBandwidth
        self.weightBandwidth = weightBandwidth
        self.int8Rate = int8Rate
        self.multiplyAddRate = multiplyAddRate
    }
}
