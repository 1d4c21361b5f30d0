// SPDX-License-Identifier: MIT

/// Keys and values on which a cluster agrees: who is a member, who leads, what is defined.
///
/// Strictly serialisable: each transaction has one revision, a number that only grows, and whoever
/// asks after a transaction returned sees it. Keys are bytes, ordered as such.
///
/// - Threads: any, any number of calls at once.
public protocol MetadataStore: Sendable {
    /// The items of these keys, in the order of their keys.
    ///
    /// - Parameters:
    ///   - revision: the state asked for; `nil` = the latest.
    ///   - limit: how many items at most; `nil` = all.
    ///   - allowsStale: an answer may be somewhat older than the latest state.
    /// - Throws: `compacted` when the revision is too old, `outOfRange` when it is yet to come.
    func range(
        _ keys: KeyRange, revision: Int64?, limit: Int?, allowsStale: Bool, _ context: CallContext
    ) throws(IglooError) -> KeyValuePage

    /// Compares, then does one of two lists of operations, all of it or nothing.
    ///
    /// - Throws: `invalidArgument` when a key is written twice; `notFound` for a lease that is
    ///   gone; `unknownOutcome` when the answer was lost: read to find out.
    func commit(
        _ transaction: KeyValueTransaction, _ context: CallContext
    ) throws(IglooError) -> KeyValueOutcome

    /// What becomes of these keys, each event once, in the order of the revisions.
    ///
    /// - Parameter revision: the first one of interest; `nil` = the one after the latest.
    /// - Throws: `compacted` when events from there on are no longer known.
    func watch(
        _ keys: KeyRange, from revision: Int64?, _ context: CallContext
    ) throws(IglooError) -> any KeyValueWatch

    /// Makes a lease, which expires unless it is renewed in time; its keys are then deleted.
    func grantLease(timeToLiveNanoseconds: Int64, _ context: CallContext) throws(IglooError)
        -> Int64

    /// - Returns: the time that it has now, in nanoseconds.
    /// - Throws: `notFound` when it has expired.
    func renewLease(_ lease: Int64, _ context: CallContext) throws(IglooError) -> Int64

    /// Has it expire now.
    ///
    /// - Throws: `notFound` when it has expired already.
    func revokeLease(_ lease: Int64, _ context: CallContext) throws(IglooError)
}

/// What happens to keys, as it happens.
///
/// - Threads: one call of `next` at a time, on any thread; `cancel` at any time from any thread.
public protocol KeyValueWatch: AnyObject, Sendable {
    /// Waits for events; never an empty page. The page's revision is that up to which all is told.
    ///
    /// - Throws: `compacted` when events were lost: read the keys and watch anew.
    func next(_ context: CallContext) throws(IglooError) -> KeyValuePage

    /// Breaks a waiting `next`. Idempotent, must not block.
    func cancel()
}

/// A kind of metadata store that a plugin offers.
public struct MetadataStoreKind: PluginKind {
    public static let word = "kv"

    /// The name after `store =` in the manifest.
    public var name: String
    public var options: [OptionSpecification]
    public var create: Create

    public typealias Create =
        @Sendable (OptionValues, CallContext) throws(IglooError) -> any MetadataStore

    public init(name: String, options: [OptionSpecification], create: @escaping Create) {
        self.name = name
        self.options = options
        self.create = create
    }
}
