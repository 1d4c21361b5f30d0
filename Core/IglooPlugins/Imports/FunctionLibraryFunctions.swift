// SPDX-License-Identifier: MIT

import CIgloo

/// The functions of a function library, none of which is missing.
struct FunctionLibraryFunctions {
    typealias Object = UnsafeMutableRawPointer?
    typealias Context = UnsafePointer<igloo_ctx>?
    typealias Columns = UnsafeMutablePointer<ArrowDeviceArray>?
    typealias Failure = UnsafeMutablePointer<igloo_error>?
    typealias Update =
        @convention(c) (
            Object, Context, UnsafePointer<UInt32>?, UInt32, Columns, Failure
        ) -> igloo_status

    let list:
        @convention(c) (
            Object, UnsafeMutablePointer<UnsafePointer<igloo_function_info>?>?,
            UnsafeMutablePointer<Int>?, Failure
        ) -> igloo_status
    let bind:
        @convention(c) (
            Object, Context, UInt32, UnsafePointer<ArrowSchema>?,
            UnsafeMutablePointer<ArrowSchema>?, UnsafeMutablePointer<Object>?, Failure
        ) -> igloo_status
    let scalar: @convention(c) (Object, Context, Columns, Int64, Columns, Failure) -> igloo_status
    let makeState:
        @convention(c) (Object, Context, UnsafeMutablePointer<Object>?, Failure) -> igloo_status
    let update: Update
    let merge: Update
    let emit:
        @convention(c) (
            Object, Context, UInt32, UnsafeMutablePointer<ArrowSchema>?, Columns, Failure
        ) -> igloo_status
    let table:
        @convention(c) (
            Object, Context, Columns, UnsafeMutablePointer<igloo_reader>?, Failure
        ) -> igloo_status
    let releaseState: @convention(c) (Object) -> Void
    let releaseBound: @convention(c) (Object) -> Void

    init?(_ functions: igloo_functions) {
        guard let list = functions.list, let bind = functions.bind,
            let scalar = functions.scalar, let makeState = functions.agg_new,
            let update = functions.agg_update, let merge = functions.agg_merge,
            let emit = functions.agg_emit, let table = functions.table,
            let releaseState = functions.release_state,
            let releaseBound = functions.release_bound
        else { return nil }
        self.list = list
        self.bind = bind
        self.scalar = scalar
        self.makeState = makeState
        self.update = update
        self.merge = merge
        self.emit = emit
        self.table = table
        self.releaseState = releaseState
        self.releaseBound = releaseBound
    }
}
