// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// A function of a library, as its name finds it.
public struct ForeignFunction: Sendable {
    public let library: any FunctionLibrary
    /// As the session knows the library: `geo`.
    public let libraryName: String
    let index: Int
    let context: CallContext

    public init(
        _ library: any FunctionLibrary, named libraryName: String, index: Int,
        _ context: CallContext
    ) {
        self.library = library
        self.libraryName = libraryName
        self.index = index
        self.context = context
    }

    public var description: FunctionDescription { library.functions[index] }

    /// `nil` when the function is not for these types.
    func bound(_ types: [DataType]) throws(IglooError) -> ForeignCall? {
        do throws(IglooError) {
            let bound = try library.bind(index, types, context)
            return try ForeignCall(self, passed: types, bound)
        } catch  where error.code == .unsupported {
            return nil
        }
    }
}

/// A function of a library, bound for the types of its arguments.
///
/// Equal calls are of the same function for the same types.
public struct ForeignCall: Sendable {
    public let library: String
    public let description: FunctionDescription
    public let function: BoundFunction
    /// Layouts of the arguments as the function wants them.
    public let passed: [DataType]
    /// The arguments' engine types.
    public let parameters: [DataType]
    /// The result's engine type; of a function that gives rows, `null`.
    public let result: DataType
    private let identity: Identity

    private struct Identity: Hashable {
        var library: ObjectIdentifier
        var index: Int
        var passed: [DataType]
    }

    init(
        _ function: ForeignFunction, passed: [DataType], _ bound: BoundFunction
    ) throws(IglooError) {
        library = function.libraryName
        description = function.description
        self.function = bound
        self.passed = passed
        parameters = passed.map { EngineType.canonical($0) ?? $0 }
        identity = Identity(
            library: ObjectIdentifier(function.library), index: function.index, passed: passed)
        let type: DataType =
            switch bound {
            case .scalar(let scalar): scalar.result
            case .aggregate(let aggregate): aggregate.result
            case .table: .null
            }
        guard let result = EngineType.canonical(type) else {
            throw IglooError(
                .internalError,
                "the function \(function.libraryName).\(description.name) gives values of type "
                    + "\(type), which the engine has not")
        }
        self.result = result
    }

    /// As EXPLAIN shows it; no function of the engine has such a name.
    public var name: String { "\(library).\(description.name)" }

    /// Each call may give another result.
    public var isVolatile: Bool { description.volatility == .volatile }
    /// It sees no NULL, and gives none for one.
    public var isStrict: Bool { description.nulls == .strict }
}

extension ForeignCall: Hashable {
    public static func == (left: ForeignCall, right: ForeignCall) -> Bool {
        left.identity == right.identity
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(identity) }
}
