// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

/// The numbers by which plugins tell how they do.
///
/// - Threads: any.
public enum PluginMetrics {
    public struct Metric: Hashable, Sendable {
        public var plugin: String
        public var name: String
        public var value: Int64
        /// Only grows; else it is what it is now.
        public var isSum: Bool
    }

    private struct Key: Hashable {
        var plugin: String
        var name: String
    }

    private static let metrics = Locked<[Key: Metric]>([:])
    private static let countMax = 1_000

    /// All of them, by plugin and name.
    public static var all: [Metric] {
        metrics.withLock { Array($0.values) }.sorted { ($0.plugin, $0.name) < ($1.plugin, $1.name) }
    }

    /// The facet of the host.
    static let table = ConstantTable(
        igloo_metrics(
            add: { name, count in
                if count > 0 {
                    change(name, isSum: true) {
                        $0 = $0.addingReportingOverflow(count).partialValue
                    }
                }
            },
            set: { name, value in change(name, isSum: false) { $0 = value } }))

    private static func change(_ name: igloo_str, isSum: Bool, _ body: (inout Int64) -> Void) {
        guard name.n <= 200, let key = key(String(name)) else { return }
        metrics.withLock { metrics in
            if metrics[key] == nil {
                guard metrics.keys.count(where: { $0.plugin == key.plugin }) < countMax else {
                    return
                }
                metrics[key] = Metric(plugin: key.plugin, name: key.name, value: 0, isSum: isSum)
            }
            body(&metrics[key]!.value)
            metrics[key]?.isSum = isSum
        }
    }

    /// `acme/requests`; `nil` for what is none.
    private static func key(_ text: String) -> Key? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty,
            parts[1].utf8.allSatisfy({
                (97...122).contains($0) || (48...57).contains($0) || $0 == 95
            })
        else { return nil }
        return Key(plugin: String(parts[0]), name: String(parts[1]))
    }
}
