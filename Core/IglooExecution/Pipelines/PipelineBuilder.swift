// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Cuts a physical plan into pipelines at its breakers.
struct PipelineBuilder {
    private let query: QueryExecution
    private(set) var pipelines: [Pipeline] = []
    /// Shared tables by their ids, and what recursions found last.
    private var sharedTables: [Int: SharedTableSink] = [:]
    private var foundLast: [Int: KeptRows] = [:]

    init(_ query: QueryExecution) { self.query = query }

    /// Makes one thread's operator in front of `next`.
    typealias Stage = @Sendable (_ next: PushOperator) throws(IglooError) -> PushOperator

    /// Where the rows of a plan go.
    struct Destination {
        var sink: Sink
        /// Nearest to the sink first.
        var stages: [Stage] = []
        /// What must be complete before rows may flow: tables that stages probe.
        var dependencies: [Latch] = []
        /// Who waits for the pipelines that lead here.
        var signals: [Latch] = []
        /// Columns of the plan by which joins above leave out rows.
        var filters: [RuntimeFilterTarget] = []

        func adding(_ stage: @escaping Stage) -> Destination {
            var destination = self
            destination.stages.append(stage)
            return destination
        }

        /// With the filters that hold below an operator: `move` tells where their columns are.
        func filtering(
            _ move: (RuntimeFilterTarget) -> RuntimeFilterTarget?
        ) -> Destination {
            var destination = self
            destination.filters = filters.compactMap(move)
            return destination
        }
    }

    mutating func build(_ plan: PhysicalPlan, _ sink: Sink) throws(IglooError) {
        try build(plan, Destination(sink: sink))
    }

    private mutating func build(
        _ plan: PhysicalPlan, _ destination: Destination
    ) throws(IglooError) {
        let metrics = query.metrics.of(plan.id)
        let context = query.evaluation
        switch plan.operation {
        case .scan(let scan):
            let isComputing = scan.table.capabilities.contains(.isCPUBound)
            let targets = sourceTargets(destination, scan)
            let source: any Source =
                isComputing
                ? ComputingScanSource(scan, plan.columns.map(\.type), query, metrics, targets)
                : WaitingScanSource(scan, plan.columns.map(\.type), query, metrics, targets)
            add(source, filtered(destination, metrics))
        case .values(let rows):
            let types = plan.types
            let source = BatchListSource(metrics) { () throws(IglooError) in
                try ValuesBatch.make(rows, types: types, context)
            }
            add(source, destination)
        case .filter(let input, let predicate):
            try build(
                input,
                destination.adding { (next) throws(IglooError) in
                    try FilterOperator(next, metrics, predicate, context)
                })
        case .project(let input, let expressions):
            let projected = destination.filtering { $0.moved(to: expressions[$0.column].position) }
            try build(
                input,
                projected.adding { (next) throws(IglooError) in
                    try ProjectOperator(next, metrics, expressions, context)
                })
        case .limit(let input, let count, let offset):
            let state = LimitState(count: count, offset: offset)
            try build(
                input,
                destination.filtering { _ in nil }.adding { (next) throws(IglooError) in
                    LimitOperator(next, metrics, state)
                })
        case .unionAll(let inputs):
            for input in inputs { try build(input, destination) }
        case .aggregate(let input, let keys, let calls):
            try aggregate(input, keys, calls, metrics, destination)
        case .window(let input, let partition, let order, let calls):
            let layout = WindowLayout(
                inputCount: input.types.count, partition: partition, order: order, calls: calls)
            let sink = WindowSink(layout, inputTypes: input.types, query, metrics)
            try build(input, sink)
            let source = SequenceSource(metrics) { () throws(IglooError) in
                try sink.makeOutput()
            }
            add(source, destination, after: sink.completion)
        case .unnest(let input, let generators, let shape):
            try unnest(input, generators, shape, metrics, destination)
        case .shared(let id, let definition, let body):
            let sink = SharedTableSink(
                types: definition.types, query, metrics, for: "a shared table")
            sharedTables[id] = sink
            try build(definition, sink)
            try build(body, destination)
        case .sharedRead(let id, let columns):
            try sharedRead(id, columns, metrics, destination)
        case .recursion(let id, let base, let step, let keepsDuplicates):
            try recursion(id, base, step, keepsDuplicates, metrics, destination)
        case .sort(let input, let keys):
            try sort(input, keys, rowCountMax: nil, metrics, destination)
        case .topN(let input, let keys, let count, let offset):
            let (end, overflow) = count.addingReportingOverflow(offset)
            let state = LimitState(count: count, offset: offset)
            try sort(
                input, keys, rowCountMax: overflow ? nil : Int(exactly: end), metrics,
                destination.adding { (next) throws(IglooError) in
                    LimitOperator(next, metrics, state)
                })
        case .distinctOn(let input, let on, let order):
            let keys = on.map { SortKey($0) } + order
            try sort(
                input, keys, rowCountMax: nil, metrics,
                destination.adding { (next) throws(IglooError) in
                    try FirstOfEachOperator(next, metrics, on, context)
                })
        case .hashJoin(let join):
            try hashJoin(join, metrics, destination)
        case .nestedLoopJoin(let kind, let left, let right, let condition):
            try nestedLoop(kind, left, right, condition, metrics, destination)
        case .setOperation(let kind, let keepsDuplicates, let left, let right):
            try setOperation(
                kind, keepsDuplicates, left, right, plan.types, metrics, destination)
        case .operation(let call, let inputs):
            try operation(call, inputs, plan.types, metrics, destination)
        }
    }

    // MARK: - Breakers

    private mutating func aggregate(
        _ input: PhysicalPlan, _ keys: [Expression], _ calls: [AggregateCall],
        _ metrics: OperatorMetrics, _ destination: Destination
    ) throws(IglooError) {
        let sink = AggregateSink(
            keys: keys, calls: calls.map(\.stored), inputTypes: input.types, query, metrics)
        var grouping = Destination(sink: sink)
        // The groups are complete before an order above knows its first rows.
        grouping.filters = destination.filters.compactMap { target in
            guard target.column < keys.count, target.join != nil else { return nil }
            return target.moved(to: keys[target.column].position, isWorthwhile: true)
        }
        try build(input, grouping)
        add(AggregateSource(sink, metrics), destination, after: sink.completion)
    }

    private mutating func sort(
        _ input: PhysicalPlan, _ keys: [SortKey], rowCountMax: Int?,
        _ metrics: OperatorMetrics, _ destination: Destination
    ) throws(IglooError) {
        let bound = rowCountMax.flatMap { _ in OrderBound(keys) }
        let sink = SortSink(
            keys: keys, types: input.types, rowCountMax: rowCountMax, bound, query, metrics)
        var sorting = Destination(sink: sink)
        if let bound {
            sorting.filters = [
                RuntimeFilterTarget(
                    origin: .order(bound), column: bound.column, isWorthwhile: false)
            ]
        }
        try build(input, sorting)
        let source = SequenceSource(metrics) { () throws(IglooError) in try sink.makeOutput() }
        add(source, destination, after: sink.completion)
    }

    private mutating func hashJoin(
        _ join: PhysicalHashJoin, _ metrics: OperatorMetrics, _ destination: Destination
    ) throws(IglooError) {
        if join.needsNullAwareTables {
            let tables = NullAwareTables(join, query, metrics)
            try build(join.right, tables)
            let query = query
            let leftCount = join.left.columns.count
            var probing = destination.filtering {
                $0.column < leftCount ? $0.moved(to: $0.column, isWorthwhile: true) : nil
            }.adding { (next) throws(IglooError) in
                try NullAwareProbe(next, metrics, tables, query)
            }
            probing.dependencies.append(tables.completion)
            try build(join.left, probing)
            return
        }
        let sink = HashJoinSink(join, query, metrics)
        var building = Destination(sink: sink)
        building.filters = destination.filters.compactMap { join.buildSideTarget($0) }
        try build(join.buildSide, building)
        var probing = destination.filtering { join.probeSideTarget($0) }
            .adding { (next) throws(IglooError) in
                try HashProbeOperator(next, metrics, sink)
            }
        probing.filters += join.targets(of: sink)
        probing.dependencies.append(sink.completion)
        let probed = Latch()
        probing.signals.append(probed)
        try build(join.probeSide, probing)
        add(SpilledJoinSource(sink), destination, after: probed)
    }

    private mutating func nestedLoop(
        _ kind: Join.Kind, _ left: PhysicalPlan, _ right: PhysicalPlan, _ condition: Expression,
        _ metrics: OperatorMetrics, _ destination: Destination
    ) throws(IglooError) {
        let rightTypes = right.types
        let emitsUnmatched = kind == .right || kind == .full
        let sink = NestedLoopSink(types: rightTypes, marksRows: emitsUnmatched, query, metrics)
        try build(right, sink)
        let query = query
        var looping = destination.filtering { _ in nil }.adding { (next) throws(IglooError) in
            try NestedLoopOperator(
                next, metrics, kind: kind, right: sink, rightTypes: rightTypes,
                condition: condition, query)
        }
        looping.dependencies.append(sink.completion)
        let looped = Latch()
        if emitsUnmatched { looping.signals.append(looped) }
        try build(left, looping)
        if emitsUnmatched {
            let leftTypes = left.types
            let source = SequenceSource(metrics) { () throws(IglooError) in
                sink.unmatched(leftTypes: leftTypes)
            }
            add(source, destination, after: looped)
        }
    }

    private mutating func setOperation(
        _ kind: SetOperation.Kind, _ keepsDuplicates: Bool, _ left: PhysicalPlan,
        _ right: PhysicalPlan, _ types: [DataType], _ metrics: OperatorMetrics,
        _ destination: Destination
    ) throws(IglooError) {
        let sink = SetOperation.sink(types: types, query, metrics)
        for (input, isLeft) in [(left, true), (right, false)] {
            try build(
                input,
                Destination(sink: sink).adding { (next) throws(IglooError) in
                    SideOperator(next, isLeft: isLeft)
                })
        }
        add(
            // What comes of the groups is counted, not they.
            AggregateSource(sink, OperatorMetrics(id: metrics.id)),
            destination.adding { (next) throws(IglooError) in
                MultiplicityOperator(next, metrics, kind, keepsDuplicates: keepsDuplicates)
            },
            after: sink.completion)
    }

    /// A plugin's step sees its inputs one after the other, as often as it likes to wait.
    private mutating func operation(
        _ call: OperatorCall, _ inputs: [PhysicalPlan], _ types: [DataType],
        _ metrics: OperatorMetrics, _ destination: Destination
    ) throws(IglooError) {
        let memory = OperatorMemory(query.memory, metrics, name: "the operator \(call.name)")
        var sinks: [OperatorInput] = []
        for input in inputs {
            let sink = OperatorInput(query, metrics, memory, types: input.columns.map(\.type))
            sinks.append(sink)
            try build(input, sink)
        }
        let (query, all) = (query, sinks)
        let source = ForeignOperatorSource(query, metrics, memory) { waker throws(IglooError) in
            try ForeignOperatorRun(
                call, inputs.map(\.columns), all, types: types, query, metrics, memory, waker)
        }
        add(source, destination, after: sinks.map(\.completion))
    }

    // MARK: - Shared tables, recursion, unnesting

    private mutating func sharedRead(
        _ id: Int, _ columns: [Int], _ metrics: OperatorMetrics, _ destination: Destination
    ) throws(IglooError) {
        if let found = foundLast[id] {
            add(KeptRowsSource(metrics, columns: columns) { found }, destination)
            return
        }
        guard let table = sharedTables[id] else {
            throw IglooError(.internalError, "a shared table is read before it is made")
        }
        let source = KeptRowsSource(metrics, columns: columns) { table.rows }
        add(source, destination, after: table.completion)
    }

    private mutating func recursion(
        _ id: Int, _ base: PhysicalPlan, _ step: PhysicalPlan, _ keepsDuplicates: Bool,
        _ metrics: OperatorMetrics, _ destination: Destination
    ) throws(IglooError) {
        var template = self
        template.pipelines = []
        let rounds = template
        let source = try RecursionSource(
            types: base.types, keepsDuplicates: keepsDuplicates, query, metrics
        ) { (rows, round) throws(IglooError) in
            var builder = rounds
            builder.foundLast[id] = rows
            try builder.build(step, round)
            return builder.pipelines
        }
        try build(base, RecursionSource.Round(source))
        add(source, destination)
    }

    /// Over the one row of a VALUES list it is a source, which stops while nobody takes its rows.
    private mutating func unnest(
        _ input: PhysicalPlan, _ generators: [Unnest.Generator.Source], _ shape: Unnest.Shape,
        _ metrics: OperatorMetrics, _ destination: Destination
    ) throws(IglooError) {
        let query = query
        guard case .values(let rows) = input.operation, rows.count == 1 else {
            // What the generators make, the input has not.
            let columnCount = input.columns.count
            return try build(
                input,
                destination.filtering { $0.column < columnCount ? $0 : nil }.adding {
                    (next) throws(IglooError) in
                    try UnnestOperator(next, metrics, generators, shape, query)
                })
        }
        let types = input.types
        let source = SequenceSource(metrics) { () throws(IglooError) in
            let program = try UnnestProgram(generators, shape, query.evaluation)
            let row = try ValuesBatch.make(rows, types: types, query.evaluation)[0]
            let cursor = try UnnestCursor(program, row)
            return { () throws(IglooError) in try cursor.next() }
        }
        add(source, destination)
    }

    // MARK: - Pipelines

    /// What the source of a scan is told of the operators above, so that it need not read all rows.
    ///
    /// Not where it counts rows itself: those that are left out would have to be counted.
    private func sourceTargets(
        _ destination: Destination, _ scan: PhysicalScan
    ) -> [RuntimeFilterTarget] {
        guard scan.table.capabilities.contains(.takesRuntimeFilters),
            scan.answer.limit == .unsupported
        else { return [] }
        let fields = scan.answer.schema.fields
        let targets = destination.filters.filter { target in
            guard fields.indices.contains(target.column) else { return false }
            let field = fields[target.column]
            switch target.origin {
            case .order(let bound):
                return bound.holds(
                    for: field, neverNull: scan.neverNull.contains(target.column))
            case .join(let sink, let index):
                let key = sink.join.buildKeys[index].type
                let isText = key == .utf8View && EngineType.canonical(field.type) == .utf8View
                return SourceFilter.canTell(key) && (field.type == key || isText)
                    && (sink.join.buildSide.isReduced || sink.join.buildSide.isSmall)
            }
        }
        for case (let sink, let key)? in targets.map(\.join) { sink.wantSourceFilter(of: key) }
        return targets
    }

    /// Rows of no use to joins above are left out at once.
    private func filtered(
        _ destination: Destination, _ metrics: OperatorMetrics
    ) -> Destination {
        let targets = destination.filters.filter { $0.isWorthwhile && $0.join != nil }
        if targets.isEmpty { return destination }
        let joins = targets.compactMap(\.join)
        for join in joins { join.sink.wantFilter(of: join.key) }
        var filtered = destination.adding { (next) throws(IglooError) in
            RuntimeFilterOperator(next, scan: metrics, targets)
        }
        filtered.dependencies += joins.map(\.sink.completion)
        return filtered
    }

    private mutating func add(
        _ source: any Source, _ destination: Destination, after latches: Latch...
    ) {
        add(source, destination, after: latches)
    }

    private mutating func add(
        _ source: any Source, _ destination: Destination, after latches: [Latch]
    ) {
        let stages = destination.stages
        let sink = destination.sink
        let pipeline = Pipeline(
            query, source: source, sink: sink, signals: destination.signals
        ) { () throws(IglooError) in
            var head = try sink.makeLocal()
            if let metrics = sink.timing, metrics.isTimed { head = TimedOperator(head, metrics) }
            for stage in stages { head = try stage(head) }
            return head
        }
        for latch in destination.dependencies + latches {
            latch.release(pipeline)
            query.clearAtEnd(latch)
        }
        pipelines.append(pipeline)
    }
}

extension Expression {
    /// Which column of the input it is, if it is one.
    var position: Int? {
        if case .input(let index, _) = self { index } else { nil }
    }
}

extension PhysicalPlan {
    /// Whether rows of its tables may be missing: those of a whole table tell little of another's.
    var isReduced: Bool {
        switch operation {
        case .scan(let scan): !scan.request.conjuncts.isEmpty
        case .project(let input, _): input.isReduced
        default: true
        }
    }
}

extension PhysicalPlan {
    /// Whether a filter of its keys is made in no time: whether it is of use is seen then.
    fileprivate var isSmall: Bool { estimatedRowCount.map { $0 <= 10_000 } ?? false }
}

extension PhysicalHashJoin {
    /// What the join's own keys make of the probe side's columns.
    fileprivate func targets(of sink: HashJoinSink) -> [RuntimeFilterTarget] {
        guard dropsUnmatchedProbeRows && !nullsMatch else { return [] }
        return probeKeys.enumerated().compactMap { index, key in
            key.position.map {
                RuntimeFilterTarget(
                    origin: .join(sink, key: index), column: $0, isWorthwhile: false)
            }
        }
    }

    /// A target among the join's columns as one of the probe side's, or `nil`.
    fileprivate func probeSideTarget(_ target: RuntimeFilterTarget) -> RuntimeFilterTarget? {
        buildsLeft ? rightTarget(target) : leftTarget(target)
    }

    /// Not of an order: the table is complete before that knows its first rows.
    fileprivate func buildSideTarget(_ target: RuntimeFilterTarget) -> RuntimeFilterTarget? {
        if target.join == nil { return nil }
        return buildsLeft ? leftTarget(target) : rightTarget(target)
    }

    /// Without a left row no right one comes into being that was not there before.
    private func leftTarget(_ target: RuntimeFilterTarget) -> RuntimeFilterTarget? {
        guard target.column < left.columns.count, kind != .right && kind != .full else {
            return nil
        }
        return target.moved(to: target.column, isWorthwhile: true)
    }

    private func rightTarget(_ target: RuntimeFilterTarget) -> RuntimeFilterTarget? {
        guard target.column >= left.columns.count, kind == .inner else { return nil }
        return target.moved(to: target.column - left.columns.count, isWorthwhile: true)
    }

    /// Keys and residual as one condition over left columns, then right columns.
    var condition: Expression {
        let shift = left.columns.count
        var conjuncts: [Expression] = []
        for (left, right) in zip(leftKeys, rightKeys) {
            let shifted = right.rewritten { expression in
                if case .input(let index, let type) = expression {
                    return .input(index + shift, type)
                }
                return expression
            }
            conjuncts.append(
                .call(nullsMatch ? "is_not_distinct_from" : "=", [left, shifted], .bool))
        }
        return .conjunction(conjuncts + (residual.map { [$0] } ?? []))
    }
}
