/// How fast a node is, as it measured itself.
public struct SpeedReply: Codable, Equatable, Sendable {
    /// Bytes a second that all threads read from memory.
    public var readBandwidth: Double
    /// Bytes of weights a second that a product of one row reads.
    public var weightBandwidth: Double
    /// int8 multiply-adds a second with operands in registers.
    public var int8Rate: Double
    /// Multiply-adds a second of a product of many rows.
    public var multiplyAddRate: Double

    /// A `SpeedReply` of these values.
    public init(readBandwidth: Double, weightBandwidth: Double, int8Rate: Double, multiplyAddRate: Double) {
        self.readBandwidth = readBandwidth
        self.weightBandwidth = weightBandwidth
        self.int8Rate = int8Rate
        self.multiplyAddRate = multiplyAddRate
    }
}
