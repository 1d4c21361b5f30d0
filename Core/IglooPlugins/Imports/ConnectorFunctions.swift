// SPDX-License-Identifier: MIT

import CIgloo

/// The six functions of a connector, none of which is missing.
struct ConnectorFunctions {
    typealias Instance = UnsafeMutableRawPointer?
    typealias Context = UnsafePointer<igloo_ctx>?
    typealias Failure = UnsafeMutablePointer<igloo_error>?

    let list:
        @convention(c) (
            Instance, Context, UInt32, igloo_str, igloo_str, UnsafeMutablePointer<igloo_reader>?,
            Failure
        ) -> igloo_status
    let openTable:
        @convention(c) (
            Instance, Context, igloo_str, igloo_str, UnsafeMutablePointer<igloo_blob>?,
            UnsafeMutablePointer<ArrowSchema>?, Failure
        ) -> igloo_status
    let plan:
        @convention(c) (
            Instance, Context, UnsafePointer<igloo_scan_request>?,
            UnsafeMutablePointer<ArrowSchema>?,
            UnsafeMutablePointer<igloo_scan_answer>?, Failure
        ) -> igloo_status
    let splits:
        @convention(c) (
            Instance, Context, igloo_bytes, Int64, UnsafeMutablePointer<igloo_split_source>?,
            Failure
        ) -> igloo_status
    let open:
        @convention(c) (
            Instance, Context, igloo_bytes, igloo_bytes, UnsafeMutablePointer<igloo_reader>?,
            Failure
        ) -> igloo_status
    let ping: @convention(c) (Instance, Context, Failure) -> igloo_status

    init?(_ table: igloo_connector) {
        guard let list = table.list, let openTable = table.open_table, let plan = table.plan,
            let splits = table.splits, let open = table.open, let ping = table.ping
        else { return nil }
        self.list = list
        self.openTable = openTable
        self.plan = plan
        self.splits = splits
        self.open = open
        self.ping = ping
    }
}
