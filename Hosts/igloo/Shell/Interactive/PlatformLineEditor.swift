// SPDX-License-Identifier: MIT

import CLibedit
import Glibc

/// Line editing, history and completion on a terminal, by libedit.
///
/// - Threads: one.
@safe
final class LineEditor {
    /// What came of asking for a line.
    enum Outcome: Equatable {
        case line(String)
        /// Ctrl-C: what was typed is dropped.
        case interrupted
        case end
    }

    /// Completes the text before the cursor; the text behind it may tell what is meant.
    var complete: (_ before: String, _ after: String) -> Completion? = { _, _ in nil }

    // SAFETY: made by init and ended by deinit; libedit calls back only within `line`, which the
    // editor outlives.
    private let editor: OpaquePointer
    private let history: OpaquePointer
    private var prompt: UnsafeMutablePointer<CChar>?
    private let wake: Int32
    private var wasInterrupted = false

    /// - Parameter wake: a pipe's end from which signals come, as bytes of `Signals.Wake`.
    init(wake: Int32, entries: [String], entryCountMax: Int) {
        self.wake = wake
        Self.chooseLocale()
        unsafe editor = igloo_edit_make()
        unsafe history = history_init()
        unsafe igloo_history_limit(history, Int32(entryCountMax))
        for entry in entries { unsafe igloo_history_add(history, entry) }
        unsafe igloo_edit_set_client(editor, Unmanaged.passUnretained(self).toOpaque())
        unsafe igloo_edit_set_emacs(editor)
        unsafe igloo_edit_set_history(editor, history)
        unsafe igloo_edit_set_prompt(editor) { unsafe LineEditor.of($0!).prompt }
        unsafe igloo_edit_set_reader(editor) { unsafe LineEditor.of($0!).read(into: $1!) }
        unsafe igloo_edit_add(editor, "igloo-complete", "complete the word") { editor, _ in
            unsafe LineEditor.of(editor!).completeWord()
        }
        bindKeys()
    }

    deinit {
        unsafe el_end(editor)
        unsafe history_end(history)
        unsafe free(prompt)
    }

    private static func of(_ editor: OpaquePointer) -> LineEditor {
        unsafe Unmanaged<LineEditor>.fromOpaque(igloo_edit_client(editor)!).takeUnretainedValue()
    }

    /// Statements are UTF-8, whatever the locale says.
    private static func chooseLocale() {
        _ = unsafe setlocale(LC_CTYPE, "")
        if unsafe String(cString: nl_langinfo(Int32(CODESET))) != "UTF-8" {
            _ = unsafe setlocale(LC_CTYPE, "C.UTF-8")
        }
    }

    private func bindKeys() {
        let keys = [
            ("^I", "igloo-complete"), ("^R", "em-inc-search-prev"), ("^W", "ed-delete-prev-word"),
            ("\\e[1~", "ed-move-to-beg"), ("\\e[7~", "ed-move-to-beg"),
            ("\\e[H", "ed-move-to-beg"), ("\\eOH", "ed-move-to-beg"),
            ("\\e[4~", "ed-move-to-end"), ("\\e[8~", "ed-move-to-end"),
            ("\\e[F", "ed-move-to-end"), ("\\eOF", "ed-move-to-end"),
            ("\\e[3~", "ed-delete-next-char"), ("\\e[1;5C", "em-next-word"),
            ("\\e[1;5D", "ed-prev-word"), ("\\e[1;3C", "em-next-word"),
            ("\\e[1;3D", "ed-prev-word"),
        ]
        for (key, name) in keys { unsafe igloo_edit_bind(editor, key, name) }
        // A user's own .editrc comes last.
        _ = unsafe el_source(editor, nil)
    }

    /// A line without its end.
    func line(prompt text: String) -> Outcome {
        unsafe free(prompt)
        unsafe prompt = strdup(text)
        wasInterrupted = false
        var count: Int32 = 0
        // libedit shows the prompt first: a key pressed at once would be taken as that of a line.
        unsafe igloo_edit_prepare(editor)
        guard let line = unsafe el_gets(editor, &count), count > 0 else {
            return wasInterrupted ? .interrupted : .end
        }
        if wasInterrupted { return .interrupted }
        var text = unsafe String(cString: line)
        if text.hasSuffix("\n") { text.removeLast() }
        return .line(text)
    }

    func remember(_ entry: String) { unsafe igloo_history_add(history, entry) }

    // MARK: - Reading

    /// The next character typed; meanwhile signals are followed.
    private func read(into character: UnsafeMutablePointer<wchar_t>) -> Int32 {
        if wasInterrupted {
            // By now the cursor stands behind the line.
            try? PlatformTerminal.write("^C")
            unsafe character.pointee = 10
            return 1
        }
        while true {
            var entries = [
                pollfd(fd: 0, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
            ]
            if unsafe poll(&entries, 2, -1) < 0 && errno != EINTR { return 0 }
            if entries[1].revents != 0 {
                follow()
                if wasInterrupted {
                    unsafe character.pointee = Self.endOfLine
                    return 1
                }
            } else if entries[0].revents != 0 {
                guard let scalar = Self.scalar() else { return 0 }
                unsafe character.pointee = wchar_t(bitPattern: scalar.value)
                return 1
            }
        }
    }

    /// Ctrl-E, which moves the cursor to the line's end.
    private static let endOfLine: wchar_t = 5

    private func follow() {
        var byte: UInt8 = 0
        guard unsafe Glibc.read(wake, &byte, 1) == 1 else { return }
        switch Signals.Wake(rawValue: byte) {
        case .interrupt: wasInterrupted = true
        case .resize:
            erase(rowsAbove: rowsAboveCursor)
            unsafe el_resize(editor)
            unsafe igloo_edit_refresh(editor)
        case .resume:
            unsafe igloo_edit_prepare_again(editor)
            erase(rowsAbove: 0)
            unsafe el_resize(editor)
            unsafe igloo_edit_refresh(editor)
        case nil: break
        }
    }

    /// libedit draws from the first column on, wherever the cursor is.
    private func erase(rowsAbove count: Int) {
        let up = count > 0 ? "\u{1B}[\(count)A" : ""
        try? PlatformTerminal.write("\r" + up + "\u{1B}[J")
    }

    /// Rows of the terminal, as wide as it is now, from the prompt to the cursor.
    private var rowsAboveCursor: Int {
        let line = unsafe el_line(editor)!.pointee
        let start = unsafe prompt.map { unsafe String(cString: $0) } ?? ""
        let text = unsafe start + Self.text(line.buffer, line.cursor)
        return DisplayWidth.position(behind: text, width: PlatformTerminal.extent(1)?.columnCount)
            .row
    }

    /// One character of UTF-8 from the terminal; `nil` at its end.
    private static func scalar() -> Unicode.Scalar? {
        var bytes: [UInt8] = []
        repeat {
            var byte: UInt8 = 0
            guard unsafe Glibc.read(0, &byte, 1) == 1 else { return nil }
            bytes.append(byte)
        } while bytes.count < count(first: bytes[0])
        return String(decoding: bytes, as: UTF8.self).unicodeScalars.first
    }

    private static func count(first byte: UInt8) -> Int {
        byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
    }

    // MARK: - Completion

    private func completeWord() -> UInt8 {
        let line = unsafe el_line(editor)!.pointee
        let before = unsafe Self.text(line.buffer, line.cursor)
        let after = unsafe Self.text(line.cursor, line.lastchar)
        guard let completion = complete(before, after), !completion.candidates.isEmpty else {
            return UInt8(CC_REFRESH_BEEP)
        }
        if let insertion = completion.insertion {
            unsafe el_deletestr(editor, Int32(completion.typed.unicodeScalars.count))
            _ = unsafe el_insertstr(editor, insertion)
            return UInt8(CC_REFRESH)
        }
        let width = PlatformTerminal.extent(1)?.columnCount ?? 80
        try? PlatformTerminal.write("\n" + completion.list(width: width))
        return UInt8(CC_REDISPLAY)
    }

    private static func text(
        _ start: UnsafePointer<CChar>, _ end: UnsafePointer<CChar>
    ) -> String {
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: end - start)
        return unsafe String(decoding: bytes, as: UTF8.self)
    }
}
