// SPDX-License-Identifier: MIT

package import IglooContracts

/// What a shared object says of itself, read from its file without running anything of it.
///
/// - Source: System V ABI, chapters 4 and 5; `elf(5)`.
package struct ELFImage {
    /// EM_ number of the processor.
    package var machine: UInt16 = 0
    /// The payload of the note of owner "Igloo".
    package var note: [UInt8]?
    /// Symbols are resolved when the object is loaded, not when they are first called.
    package var isBoundNow = false
    package var hasTextRelocations = false
    /// It wants the stack to be executable.
    package var hasExecutableStack = false
    /// The dynamic linker never unloads it.
    package var isNeverUnloaded = false
    /// Names of the symbols that others may link to.
    package var exports: [String] = []
    /// The libraries it asks for.
    package var needed: [String] = []
    /// Names of its sections; none when it was stripped of them.
    package var sections: [String] = []

    /// - Throws: `invalidData` with what is wrong; nothing in the bytes is trusted.
    package init(_ source: some ByteSource) throws(IglooError) {
        let file = try ELFFile(source)
        machine = file.machine
        note = try file.note()
        guard let dynamic = try file.dynamicSection() else {
            throw .malformedObject("it has no dynamic section")
        }
        isBoundNow = dynamic.isBoundNow
        sections = file.sectionNames()
        hasTextRelocations = dynamic.hasTextRelocations
        hasExecutableStack = file.hasExecutableStack
        isNeverUnloaded = dynamic.isNeverUnloaded
        needed = try dynamic.needed.map { (offset) throws(IglooError) in
            try file.text(dynamic, at: offset)
        }
        exports = try file.exports(dynamic)
    }

    /// The processor this host runs on.
    static var hostMachine: UInt16 {
        #if arch(x86_64)
            62
        #elseif arch(arm64)
            183
        #else
            0
        #endif
    }

    static func name(ofMachine machine: UInt16) -> String {
        switch machine {
        case 3: "x86"
        case 40: "arm"
        case 62: "x86-64"
        case 183: "arm64"
        case 243: "risc-v"
        default: "machine \(machine)"
        }
    }
}
