// SPDX-License-Identifier: MIT

import CIgloo
import IglooContracts
import Testing

/// Each number that stands both in the header and in the Swift contract is the same in both.
@Suite struct ConstantsTests {
    @Test func statusesAreTheErrorCodes() {
        let pairs: [(IglooError.Code, Int)] = [
            (.cancelled, IGLOO_E_CANCELLED), (.unknown, IGLOO_E_UNKNOWN),
            (.invalidArgument, IGLOO_E_INVALID), (.deadlineExceeded, IGLOO_E_DEADLINE),
            (.notFound, IGLOO_E_NOT_FOUND), (.alreadyExists, IGLOO_E_EXISTS),
            (.permissionDenied, IGLOO_E_DENIED), (.resourceExhausted, IGLOO_E_EXHAUSTED),
            (.invalidState, IGLOO_E_STATE), (.conflict, IGLOO_E_CONFLICT),
            (.outOfRange, IGLOO_E_RANGE), (.unsupported, IGLOO_E_UNSUPPORTED),
            (.internalError, IGLOO_E_INTERNAL), (.unavailable, IGLOO_E_UNAVAILABLE),
            (.invalidData, IGLOO_E_DATA_LOSS), (.unauthenticated, IGLOO_E_UNAUTHENTICATED),
            (.unknownOutcome, IGLOO_E_UNKNOWN_OUTCOME), (.compacted, IGLOO_E_COMPACTED),
        ]
        for (code, status) in pairs { #expect(Int(code.rawValue) == status) }
    }

    @Test func operationsAreTheNodes() {
        let pairs: [(PushdownOperation, Int)] = [
            (.and, IGX_AND), (.or, IGX_OR), (.not, IGX_NOT), (.equal, IGX_EQ), (.notEqual, IGX_NE),
            (.less, IGX_LT), (.lessOrEqual, IGX_LE), (.greater, IGX_GT), (.greaterOrEqual, IGX_GE),
            (.isNull, IGX_IS_NULL), (.isDistinct, IGX_IS_DISTINCT), (.isIn, IGX_IN),
            (.like, IGX_LIKE), (.hasPrefix, IGX_PREFIX), (.add, IGX_ADD), (.subtract, IGX_SUB),
            (.multiply, IGX_MUL), (.divide, IGX_DIV), (.modulo, IGX_MOD), (.negate, IGX_NEG),
            (.cast, IGX_CAST), (.opaque, IGX_OPAQUE),
        ]
        for (operation, node) in pairs { #expect(Int(operation.rawValue) == node) }
    }

    @Test func theOthers() {
        #expect(Int(Verdict.exact.rawValue) == IGLOO_EXACT)
        #expect(Int(Verdict.inexact.rawValue) == IGLOO_INEXACT)
        #expect(Int(PushdownAggregate.Function.countRows.rawValue) == IGLOO_AGG_COUNT_ROWS)
        #expect(Int(PushdownAggregate.Function.boolOr.rawValue) == IGLOO_AGG_BOOL_OR)
        #expect(Int(ScanRequest.AggregateMode.partial.rawValue) == IGLOO_AGG_PARTIAL)
        #expect(Int(OptionSpecification.ValueType.string.rawValue) == IGLOO_OPT_STRING)
        #expect(Int(OptionSpecification.ValueType.choice.rawValue) == IGLOO_OPT_ENUM)
        #expect(Int(OptionSpecification.ValueType.secret.rawValue) == IGLOO_OPT_SECRET)
        #expect(Int(OptionSpecification.Flags.deprecated.rawValue) == IGLOO_OPT_DEPRECATED)
        #expect(Int(ConnectorCapabilities.isCPUBound.rawValue) == IGLOO_CAP_CPU_BOUND)
        #expect(Int(ConnectorCapabilities.hasStatistics.rawValue) == IGLOO_CAP_STATS)
        #expect(Int(ConnectorCapabilities.readsFiles.rawValue) == IGLOO_CAP_READS_FILES)
        #expect(Int(ConnectorCapabilities.canWrite.rawValue) == IGLOO_CAP_WRITE)
        #expect(Int(ConnectorCapabilities.hasTransactions.rawValue) == IGLOO_CAP_TXN)
        #expect(Int(ConnectorCapabilities.tellsChanges.rawValue) == IGLOO_CAP_CHANGES)
        #expect(Int(ConnectorCapabilities.joins.rawValue) == IGLOO_CAP_JOIN)
        #expect(Int(JoinRequest.Kind.inner.rawValue) == IGLOO_JOIN_INNER)
        #expect(Int(JoinRequest.Kind.anti.rawValue) == IGLOO_JOIN_ANTI)
        #expect(
            Int(ConnectorCapabilities.takesRuntimeFilters.rawValue) == IGLOO_CAP_RUNTIME_FILTER)
        #expect(Int(WriteRequest.Mode.append.rawValue) == IGLOO_WRITE_APPEND)
        #expect(Int(WriteRequest.Mode.update.rawValue) == IGLOO_WRITE_UPDATE)
        #expect(Int(TransactionIsolation.serializable.rawValue) == IGLOO_SERIALIZABLE)
        #expect(Int(KeyValueComparison.Relation.equal.rawValue) == IGLOO_KV_EQUAL)
        #expect(Int(KeyValueComparison.Relation.greater.rawValue) == IGLOO_KV_GREATER)
        #expect(IGLOO_NO_EXPR == UInt32.max)
    }
}
