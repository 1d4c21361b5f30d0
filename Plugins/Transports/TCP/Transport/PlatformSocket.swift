// SPDX-License-Identifier: MIT

import Glibc
import IglooContracts

/// A socket that never blocks; closed when it is let go.
///
/// - Threads: any.
final class Socket: Sendable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    // MARK: - Making

    static func listen(_ address: String, isInsecure: Bool) throws(IglooError) -> Socket {
        try Addresses(address, isPassive: true, isInsecure: isInsecure).first {
            (entry) throws(IglooError) in
            let socket = try open(entry, address)
            var on: Int32 = 1
            setsockopt(
                socket.descriptor, SOL_SOCKET, SO_REUSEADDR, &on,
                socklen_t(MemoryLayout<Int32>.size))
            guard Glibc.bind(socket.descriptor, entry.ai_addr, entry.ai_addrlen) == 0,
                Glibc.listen(socket.descriptor, 1024) == 0
            else { throw failure("listen at", address, errno) }
            return socket
        }
    }

    static func connect(
        _ address: String, isInsecure: Bool, _ nanoseconds: Int64, _ context: CallContext
    ) throws(IglooError) -> Socket {
        let (sum, overflow) = MonotonicClock.nanoseconds().addingReportingOverflow(nanoseconds)
        let end = overflow ? Int64.max : sum
        return try Addresses(address, isPassive: false, isInsecure: isInsecure).first {
            (entry) throws(IglooError) in
            let socket = try open(entry, address)
            if Glibc.connect(socket.descriptor, entry.ai_addr, entry.ai_addrlen) == 0 {
                return socket
            }
            guard errno == EINPROGRESS else { throw failure("connect to", address, errno) }
            while !socket.waitForOutput(milliseconds: stepMilliseconds) {
                try context.checkTime()
                guard MonotonicClock.nanoseconds() < end else {
                    throw IglooError(
                        .unavailable, "nobody answers at \(address)", isRetryable: true)
                }
            }
            let code = socket.takeError()
            guard code == 0 else { throw failure("connect to", address, code) }
            return socket
        }
    }

    private static func open(
        _ entry: addrinfo, _ address: String
    ) throws(IglooError) -> Socket {
        let descriptor = socket(
            entry.ai_family,
            entry.ai_socktype | Int32(SOCK_NONBLOCK.rawValue)
                | Int32(SOCK_CLOEXEC.rawValue), entry.ai_protocol)
        guard descriptor >= 0 else { throw failure("make a socket for", address, errno) }
        return Socket(descriptor)
    }

    /// The next connection that waits; `nil` when none does.
    func accept() throws(IglooError) -> Socket? {
        let accepted = Glibc.accept(descriptor, nil, nil)
        if accepted >= 0 {
            Self.prepare(accepted)
            return Socket(accepted)
        }
        switch errno {
        // Those that were gone before anyone looked are nobody's error.
        case EAGAIN, EINTR, ECONNABORTED, EPROTO: return nil
        default: throw Self.failure("accept at", (try? boundAddress()) ?? "", errno)
        }
    }

    /// Never blocks, and is not handed to programs that are started.
    fileprivate static func prepare(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL, 0) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    /// Finds out within this time that the peer is gone.
    func prepare(peerMilliseconds: Int) {
        let seconds = max(peerMilliseconds / 4_000, 1)
        set(IPPROTO_TCP, TCP_NODELAY, 1)
        set(IPPROTO_TCP, TCP_USER_TIMEOUT, Int32(clamping: peerMilliseconds))
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        set(IPPROTO_TCP, TCP_KEEPIDLE, Int32(clamping: seconds))
        set(IPPROTO_TCP, TCP_KEEPINTVL, Int32(clamping: seconds))
        set(IPPROTO_TCP, TCP_KEEPCNT, 3)
    }

    private func set(_ level: some BinaryInteger, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(
            descriptor, Int32(level), option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    // MARK: - Bytes

    /// Sends what fits of the slices.
    ///
    /// - Returns: how many bytes; 0 when nothing fits now.
    func send(_ slices: [UnsafeRawBufferPointer]) throws(IglooError) -> Int {
        var vectors = slices.prefix(64).map { slice in
            iovec(
                iov_base: UnsafeMutableRawPointer(mutating: slice.baseAddress),
                iov_len: slice.count)
        }
        let count = vectors.withUnsafeMutableBufferPointer { vectors in
            var message = msghdr()
            message.msg_iov = vectors.baseAddress
            message.msg_iovlen = vectors.count
            return sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
        }
        if count >= 0 { return count }
        if errno == EAGAIN || errno == EINTR { return 0 }
        throw Self.peerIsGone(errno)
    }

    /// Reads what is there.
    ///
    /// - Returns: how many bytes; `nil` when nothing is there now, 0 at the end.
    func receive(_ memory: UnsafeMutableRawBufferPointer) throws(IglooError) -> Int? {
        let count = recv(descriptor, memory.baseAddress, memory.count, 0)
        if count >= 0 { return count }
        if errno == EAGAIN || errno == EINTR { return nil }
        throw Self.peerIsGone(errno)
    }

    func shutdownOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

    @discardableResult
    func waitForInput(milliseconds: Int) -> Bool { wait(Int16(POLLIN), milliseconds) }

    func waitForOutput(milliseconds: Int) -> Bool { wait(Int16(POLLOUT), milliseconds) }

    private func wait(_ events: Int16, _ milliseconds: Int) -> Bool {
        var entry = pollfd(fd: descriptor, events: events, revents: 0)
        return poll(&entry, 1, Int32(milliseconds)) > 0
    }

    /// Waits for input (and, if wanted, output), or for the signal.
    func wait(for signal: WakeSignal, alsoOutput: Bool, milliseconds: Int) {
        var entries = [
            pollfd(
                fd: descriptor, events: Int16(POLLIN) | (alsoOutput ? Int16(POLLOUT) : 0),
                revents: 0),
            pollfd(fd: signal.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&entries, 2, Int32(milliseconds))
        if entries[1].revents != 0 { signal.take() }
    }

    private func takeError() -> Int32 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        return code
    }

    // MARK: - Names

    func boundAddress() throws(IglooError) -> String {
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &size)
            }
        }
        guard status == 0 else { throw Self.failure("tell the address of", "a socket", errno) }
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getnameinfo(
                    $0, size, &host, socklen_t(host.count), &port, socklen_t(port.count),
                    NI_NUMERICHOST | NI_NUMERICSERV)
            }
        }
        let name = Self.text(host)
        return (name.contains(":") ? "[\(name)]" : name) + ":" + Self.text(port)
    }

    private static func text(_ characters: [CChar]) -> String {
        String(
            decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    // MARK: - Errors

    fileprivate static func failure(_ what: String, _ address: String, _ code: Int32) -> IglooError
    {
        let kind: IglooError.Code =
            switch code {
            case EADDRINUSE: .alreadyExists
            case EACCES, EPERM: .permissionDenied
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: .resourceExhausted
            default: .unavailable
            }
        return IglooError(
            kind, "cannot \(what) \(address): \(String(cString: strerror(code)))",
            isRetryable: code == ECONNREFUSED || code == ETIMEDOUT)
    }

    private static func peerIsGone(_ code: Int32) -> IglooError {
        IglooError(
            .unavailable, "the peer is gone: \(String(cString: strerror(code)))", isRetryable: true)
    }
}

/// Wakes a thread that polls: a pipe with something in it.
final class WakeSignal: Sendable {
    fileprivate let descriptor: Int32
    private let input: Int32

    init() throws(IglooError) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Socket.failure("make", "a signal", errno) }
        for end in ends { Socket.prepare(end) }
        (descriptor, input) = (ends[0], ends[1])
    }

    deinit {
        close(descriptor)
        close(input)
    }

    func raise() {
        var byte: UInt8 = 1
        // A full pipe wakes as well.
        _ = write(input, &byte, 1)
    }

    fileprivate func take() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(descriptor, &bytes, bytes.count) == bytes.count {}
    }
}

/// What an address stands for: `host:port`, `[::1]:port`.
private final class Addresses {
    private let list: UnsafeMutablePointer<addrinfo>?
    private let address: String

    init(_ address: String, isPassive: Bool, isInsecure: Bool) throws(IglooError) {
        self.address = address
        guard let colon = address.lastIndex(of: ":"),
            let port = UInt16(address[address.index(after: colon)...])
        else {
            throw IglooError(
                .invalidArgument, "\"\(address)\" is no address", hint: "write 127.0.0.1:7411")
        }
        var host = String(address[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty, !host.utf8.contains(0) else {
            throw IglooError(
                .invalidArgument, "\"\(address)\" names no host", hint: "write 127.0.0.1:\(port)")
        }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = isPassive ? AI_PASSIVE : 0
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, "\(port)", &hints, &found)
        guard status == 0 else {
            throw IglooError(
                .notFound, "there is no host \"\(host)\": \(String(cString: gai_strerror(status)))")
        }
        list = found
        var entry = found
        while let current = entry {
            guard isInsecure || Self.isLoopback(current.pointee) else {
                throw IglooError(
                    .permissionDenied,
                    "\(address) is beyond this machine, and nothing would be encrypted",
                    hint: "insecure = true allows it, for networks that can be trusted")
            }
            entry = current.pointee.ai_next
        }
    }

    deinit { if let list { freeaddrinfo(list) } }

    private static func isLoopback(_ entry: addrinfo) -> Bool {
        guard let address = entry.ai_addr else { return false }
        switch entry.ai_family {
        case AF_INET:
            return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                UInt32(bigEndian: $0.pointee.sin_addr.s_addr) >> 24 == 127
            }
        case AF_INET6:
            return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin6_addr) { bytes in
                    bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
                }
            }
        default: return false
        }
    }

    /// The first for which `body` succeeds.
    ///
    /// - Throws: why the last one did not.
    func first(_ body: (addrinfo) throws(IglooError) -> Socket) throws(IglooError) -> Socket {
        var failure = IglooError(.notFound, "\(address) stands for nothing")
        var entry = list
        while let current = entry {
            do throws(IglooError) {
                return try body(current.pointee)
            } catch {
                failure = error
                if error.code == .cancelled || error.code == .deadlineExceeded { break }
            }
            entry = current.pointee.ai_next
        }
        throw failure
    }
}
