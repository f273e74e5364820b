import Coordinator
import ModelStore
struct ChatLoop { let chat: Chat; let view: AnswerView; let model: Model; let verbose: Bool; let load: Double
 func run() async throws {} }
