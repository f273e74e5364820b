/// The version of the program, for people and logs. Nodes do not compare it: ``WireProtocol`` tells whether they
/// understand each other, and ``HelloReply/arithmetic`` whether they compute the same bits.
public enum ProgramVersion {
    /// The version of this build.
    public static let current = "0.1.0"
}
