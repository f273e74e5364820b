/// The version of the program, for people and logs. Whether two nodes understand each other is the protocol's affair
/// (``WireProtocol``), and whether they compute the same is told by their arithmetic (``HelloReply/arithmetic``).
public enum ProgramVersion {
    /// This build's.
    public static let current = "0.1.0"
}
