// SPDX-License-Identifier: MIT

import IglooPlugins

/// What is said of a cache: `[entries]`.
struct EntrySettings {
    /// Entries are there for the next process.
    var isPersistent = false
    /// What damages the entries that are kept outside of the process.
    var corruptCommand: String?
}

/// What is said of a metadata store: `[store]`.
struct StoreSettings {
    /// So many further revisions, and a revision is forgotten; `nil` = nobody says.
    var compactsAfter: Int?
}

/// What is said of a transport: `[streams]`.
struct StreamSettings {
    /// Where to listen, at an address of the system's choice.
    var address = "127.0.0.1:0"
    /// What is sent through one stream to look for what is lost.
    var volumeByteCount = 1 << 30
    /// What may wait for a receiver that does not receive.
    var bufferByteCountMax = 256 << 20
    /// The largest frame that is taken; `nil` = nobody says.
    var frameByteCountMax: Int?
    /// Within which it is found out that a peer died.
    var peerSeconds = 10
    /// As whom both sides know each other; `nil` = nobody vouches for anybody.
    var identity: String?
    /// Options of an instance that must be refused, over those of the configuration.
    var stranger: [GivenOption]?
}

/// Clients of a front end, as commands: `[client]`.
struct ClientSettings {
    /// Under which its address is reported; `nil` = there is only one.
    var protocolName: String?
    /// Sends the statement IGLOO_SQL and writes its rows to the file IGLOO_RESULT, as a stream of
    /// Arrow's IPC format; fails when the statement does.
    var executeCommand: String?
    /// Cancels the statement IGLOO_QUERY_ID.
    var cancelCommand: String?
    /// Executes with credentials that nobody has.
    var strangerCommand: String?
    /// What clients print that are refused.
    var refusedText: String?
    /// Sends a statement and does not read its rows, for a few seconds.
    var slowCommand: String?
    /// What may wait for a client that does not read.
    var bufferByteCountMax = 64 << 20
}

/// What is said of a secret provider: `[secret]`.
struct SecretSettings {
    /// A secret that is there, and what it is.
    var reference: String?
    var value: String?
    /// One that is not there.
    var missing: String?
    /// What changes the secret.
    var rotateCommand: String?
}
