// SPDX-License-Identifier: MIT

public import IglooContracts

/// The metadata store of one machine: a database file, which any number of processes may share.
public let sqliteMetadataStore = MetadataStoreKind(
    name: "sqlite", options: StoreOptions.specifications
) { (values, context) throws(IglooError) in
    try SQLiteMetadataStore(StoreOptions(values), context)
}

struct StoreOptions: Sendable {
    var path: String
    var historyCount: Int64
    var isDurable: Bool
    var busyTimeoutMilliseconds: Int
    var pollMilliseconds: Int

    static let specifications = [
        OptionSpecification(
            "path", .path, flags: .required,
            documentation: "The database file, which is made if it is not there."),
        OptionSpecification(
            "history", .integer, defaultText: "10000",
            documentation:
                "For how many revisions back it is known what was there and what changed."
        ),
        OptionSpecification(
            "durability", .choice, defaultText: "full", allowed: ["full", "normal"],
            documentation:
                "`full`: what was committed survives a power failure; `normal`: the last transactions "
                + "may not, those before them do."),
        OptionSpecification(
            "busy_timeout", .duration, defaultText: "5s",
            documentation: "How long to wait for another process that writes."),
        OptionSpecification(
            "poll_interval", .duration, defaultText: "50ms",
            documentation: "How often watches look for what other processes wrote."),
    ]

    init(_ values: OptionValues) throws(IglooError) {
        path = values.string("path") ?? ""
        historyCount = values.integer("history") ?? 10_000
        isDurable = values.string("durability") != "normal"
        busyTimeoutMilliseconds = Self.milliseconds(values.integer("busy_timeout"))
        pollMilliseconds = min(max(Self.milliseconds(values.integer("poll_interval")), 1), 100)
        guard !path.isEmpty else {
            throw IglooError(.invalidArgument, "the option \"path\" names no file")
        }
        guard (1...1_000_000_000).contains(historyCount) else {
            throw IglooError(
                .invalidArgument, "history is a number from 1 to 1000000000, not \(historyCount)")
        }
    }

    private static func milliseconds(_ nanoseconds: Int64?) -> Int {
        Int(min(max((nanoseconds ?? 0) / 1_000_000, 0), 86_400_000))
    }
}

final class SQLiteMetadataStore: MetadataStore {
    let options: StoreOptions
    let changes = ChangeSignal()
    private let writer: Locked<StoreConnection>
    private let readers = Locked<[StoreConnection]>([])

    init(_ options: StoreOptions, _ context: CallContext) throws(IglooError) {
        self.options = options
        let connection = try StoreConnection(options)
        connection.cancellation = context.cancellation
        try connection.prepareStore(options)
        writer = Locked(connection)
    }

    func range(
        _ keys: KeyRange, revision: Int64?, limit: Int?, allowsStale: Bool, _ context: CallContext
    ) throws(IglooError) -> KeyValuePage {
        if revision == nil && !allowsStale { try expireLeases(context) }
        return try read(context) { (connection) throws(IglooError) in
            try connection.range(keys, revision: revision, limit: limit)
        }
    }

    func commit(
        _ transaction: KeyValueTransaction, _ context: CallContext
    ) throws(IglooError) -> KeyValueOutcome {
        try write(context) { (connection) throws(IglooError) in
            try connection.expireLeases()
            return try connection.commit(transaction)
        }
    }

    func watch(
        _ keys: KeyRange, from revision: Int64?, _ context: CallContext
    ) throws(IglooError) -> any KeyValueWatch {
        let state = try read(context) { (connection) throws(IglooError) in try connection.state() }
        let first = revision ?? state.revision + 1
        guard first > state.compacted else { throw state.isTooOld(first) }
        return SQLiteWatch(self, keys, from: first)
    }

    // MARK: - Leases

    func grantLease(
        timeToLiveNanoseconds: Int64, _ context: CallContext
    ) throws(IglooError) -> Int64 {
        guard timeToLiveNanoseconds > 0 else {
            throw IglooError(
                .invalidArgument, "a lease cannot be granted for \(timeToLiveNanoseconds) ns")
        }
        return try write(context) { (connection) throws(IglooError) in
            try connection.grantLease(timeToLiveNanoseconds)
        }
    }

    func renewLease(_ lease: Int64, _ context: CallContext) throws(IglooError) -> Int64 {
        try write(context) { (connection) throws(IglooError) in
            try connection.expireLeases()
            return try connection.renewLease(lease)
        }
    }

    func revokeLease(_ lease: Int64, _ context: CallContext) throws(IglooError) {
        try write(context) { (connection) throws(IglooError) in
            try connection.expireLeases()
            try connection.revokeLease(lease)
        }
    }

    /// Leases expire when somebody looks.
    func expireLeases(_ context: CallContext) throws(IglooError) {
        let isDue = try read(context) { (connection) throws(IglooError) in
            try connection.hasDueLease()
        }
        guard isDue else { return }
        try write(context) { (connection) throws(IglooError) in try connection.expireLeases() }
    }

    // MARK: - Connections

    /// Runs `body` in one state of the store.
    func read<Result>(
        _ context: CallContext, _ body: (StoreConnection) throws(IglooError) -> Result
    ) throws(IglooError) -> Result {
        try context.checkCancelled()
        let connection: StoreConnection
        if let idle = readers.withLock({ $0.popLast() }) {
            connection = idle
        } else {
            connection = try StoreConnection(options)
        }
        connection.cancellation = context.cancellation
        let result = try connection.transaction("BEGIN") { () throws(IglooError) in
            try body(connection)
        }
        connection.cancellation = nil
        readers.withLock { $0.append(connection) }
        return result
    }

    /// Runs `body` as one transaction of the database, and tells those who wait.
    private func write<Result>(
        _ context: CallContext, _ body: (StoreConnection) throws(IglooError) -> Result
    ) throws(IglooError) -> Result {
        try context.checkCancelled()
        let result = try writer.withLock { (connection) throws(IglooError) in
            connection.cancellation = context.cancellation
            defer { connection.cancellation = nil }
            return try connection.transaction("BEGIN IMMEDIATE") { () throws(IglooError) in
                let result = try body(connection)
                try connection.compact(historyCount: options.historyCount)
                return result
            }
        }
        changes.raise()
        return result
    }
}
