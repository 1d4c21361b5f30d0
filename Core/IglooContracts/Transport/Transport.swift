// SPDX-License-Identifier: MIT

public import IglooArrow

/// Moves frames of bytes between processes: streams over connections.
///
/// - Threads: any, any number of calls at once.
public protocol Transport: Sendable {
    /// Its streams move batches, too (facet BATCH of the ABI).
    var movesBatches: Bool { get }

    /// Waits for peers at an address, such as `127.0.0.1:7411`; port 0 lets the system choose.
    func listen(
        _ address: String, _ context: CallContext
    ) throws(IglooError) -> any TransportListener

    func connect(
        _ address: String, _ context: CallContext
    ) throws(IglooError) -> any TransportConnection
}

/// Where peers connect to. Letting go of it closes it.
///
/// - Threads: any, any number of calls at once.
public protocol TransportListener: AnyObject, Sendable {
    /// The address as it turned out.
    var boundAddress: String { get }

    /// Waits for the next peer.
    func accept(_ context: CallContext) throws(IglooError) -> any TransportConnection
}

/// A way to one peer, for any number of streams. Letting go of it, after its streams, closes it.
///
/// - Threads: any, any number of calls at once.
public protocol TransportConnection: AnyObject, Sendable {
    /// The authenticated name of the other side; empty = nobody vouches for it.
    func peerIdentity() throws(IglooError) -> [UInt8]

    /// Opens a stream; `hello` is the first thing that the other side learns of it.
    func openStream(
        hello: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any TransportStream

    /// Waits for a stream that the other side opens.
    func takeStream(
        _ context: CallContext
    ) throws(IglooError) -> (stream: any TransportStream, hello: [UInt8])
}

/// Frames in both directions, complete and in order. Letting go of it before both sides have ended
/// it resets it.
///
/// - Threads: one call of `send` or `sendBatch`, and one of `receive` or `receiveBatch` at a time;
///   `reset` at any time from any thread.
public protocol TransportStream: AnyObject, Sendable {
    /// Sends one frame of these pieces; without pieces and with `isLast` only the end. Waits while
    /// the other side is slow. After an error the stream is of no more use.
    ///
    /// - Ownership: the pieces are borrowed until the call returns.
    func send(
        _ pieces: [Buffer], isLast: Bool, _ context: CallContext
    ) throws(IglooError)

    /// The next frame; `nil` after the last.
    func receive(_ context: CallContext) throws(IglooError) -> Buffer?

    /// Ends both directions: calls on either side fail, on the other with this code.
    func reset(_ code: IglooError.Code)

    /// Sends a batch in the place of a frame.
    ///
    /// - Throws: `unsupported` where the transport moves bytes only.
    func sendBatch(_ batch: RecordBatch, _ context: CallContext) throws(IglooError)

    /// The next batch, which has these columns; `nil` after the last frame.
    ///
    /// - Throws: `invalidData` when something else comes.
    func receiveBatch(
        _ schema: Schema, _ context: CallContext
    ) throws(IglooError) -> RecordBatch?
}

extension Transport {
    public var movesBatches: Bool { false }
}

extension TransportStream {
    public func sendBatch(_ batch: RecordBatch, _ context: CallContext) throws(IglooError) {
        throw IglooError(.unsupported, "this transport moves bytes, not batches")
    }

    public func receiveBatch(
        _ schema: Schema, _ context: CallContext
    ) throws(IglooError) -> RecordBatch? {
        throw IglooError(.unsupported, "this transport moves bytes, not batches")
    }
}

/// A kind of transport that a plugin offers.
public struct TransportKind: PluginKind {
    public static let word = "transport"

    /// The name after `use =` in the manifest.
    public var name: String
    public var options: [OptionSpecification]
    public var create: Create

    public typealias Create =
        @Sendable (OptionValues, CallContext) throws(IglooError) -> any Transport

    public init(
        name: String, options: [OptionSpecification], create: @escaping Create
    ) {
        self.name = name
        self.options = options
        self.create = create
    }
}
