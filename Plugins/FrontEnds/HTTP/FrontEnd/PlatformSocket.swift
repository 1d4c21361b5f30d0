// SPDX-License-Identifier: MIT

import Glibc
import IglooContracts

/// A socket; closed when it is let go.
///
/// - Threads: any.
final class Socket: Sendable {
    private let descriptor: Int32
    /// Within which the other side has to take something of what is sent.
    private let sendNanoseconds: Int64

    private init(_ descriptor: Int32, sendNanoseconds: Int64) {
        self.descriptor = descriptor
        self.sendNanoseconds = sendNanoseconds
    }

    deinit { close(descriptor) }

    // MARK: - Listening

    /// Listens at an address of IPv4: `127.0.0.1:8080`.
    ///
    /// - Parameter sendNanoseconds: of the clients.
    static func listen(
        _ host: String, port: UInt16, sendNanoseconds: Int64
    ) throws(IglooError) -> Socket {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            throw IglooError(
                .invalidArgument, "\"\(host)\" is no address of this machine",
                hint: "write 127.0.0.1, or 0.0.0.0 for all of its networks")
        }
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let descriptor = Glibc.socket(AF_INET, Int32(kind), 0)
        guard descriptor >= 0 else { throw failure("make a socket for", host, errno) }
        let socket = Socket(descriptor, sendNanoseconds: sendNanoseconds)
        socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0, Glibc.listen(descriptor, 256) == 0 else {
            throw failure("listen at", "\(host):\(port)", errno)
        }
        return socket
    }

    private static func failure(_ what: String, _ place: String, _ code: Int32) -> IglooError {
        IglooError(
            code == EADDRINUSE ? .alreadyExists : code == EACCES ? .permissionDenied : .unavailable,
            "cannot \(what) \(place): \(String(cString: strerror(code)))")
    }

    var boundPort: UInt16 {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &size)
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    /// The next client; `nil` when none comes within the time.
    ///
    /// - Throws: `unavailable` when the system gives none: asking again at once is of no use.
    func accept(milliseconds: Int32) throws(IglooError) -> Socket? {
        guard waits(for: POLLIN, milliseconds: milliseconds) else { return nil }
        let accepted = Glibc.accept(descriptor, nil, nil)
        guard accepted >= 0 else {
            if [EAGAIN, EINTR, ECONNABORTED].contains(errno) { return nil }
            throw IglooError(
                .unavailable, "no client can be taken: \(String(cString: strerror(errno)))")
        }
        _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
        _ = fcntl(accepted, F_SETFL, fcntl(accepted, F_GETFL, 0) | O_NONBLOCK)
        let socket = Socket(accepted, sendNanoseconds: sendNanoseconds)
        socket.set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        socket.noticeDeadPeers()
        return socket
    }

    /// A machine that is gone says nothing: the system asks it, and gives up in the end.
    private func noticeDeadPeers() {
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 60)
        set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 15)
        set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 4)
        // Later than `send`, which knows why it gives up.
        let milliseconds = sendNanoseconds / 1_000_000 + 10_000
        set(Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, Int32(clamping: milliseconds))
    }

    private func set(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    // MARK: - Reading and sending

    private func waits(for events: Int32, milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        return poll(&entry, 1, milliseconds) > 0
    }

    /// What has come; empty at the end; `nil` when nothing comes within the time.
    func read(max: Int, milliseconds: Int32) -> [UInt8]? {
        guard waits(for: POLLIN, milliseconds: milliseconds) else { return nil }
        var bytes = [UInt8](repeating: 0, count: max)
        let count = recv(descriptor, &bytes, max, 0)
        if count < 0 && (errno == EAGAIN || errno == EINTR) { return nil }
        return Array(bytes.prefix(Swift.max(count, 0)))
    }

    /// Sends all of it.
    ///
    /// - Parameter check: asked while the client is slow.
    /// - Throws: `cancelled` when the client is gone, `deadlineExceeded` when it takes nothing.
    func send(
        _ bytes: UnsafeRawBufferPointer, _ check: () throws(IglooError) -> Void
    ) throws(IglooError) {
        var rest = bytes[...]
        var end = MonotonicClock.nanoseconds() + sendNanoseconds
        while !rest.isEmpty {
            let slice = UnsafeRawBufferPointer(rebasing: rest)
            let count = Glibc.send(
                descriptor, slice.baseAddress, slice.count, Int32(MSG_NOSIGNAL))
            if count > 0 {
                rest = rest.dropFirst(count)
                end = MonotonicClock.nanoseconds() + sendNanoseconds
            } else if count < 0 && (errno == EAGAIN || errno == EINTR) {
                try check()
                guard MonotonicClock.nanoseconds() < end else {
                    throw IglooError(
                        .deadlineExceeded,
                        "the client has taken nothing for \(sendNanoseconds / 1_000_000) ms")
                }
                _ = waits(for: POLLOUT, milliseconds: 100)
            } else {
                throw IglooError(.cancelled, "the client is gone")
            }
        }
    }

    // MARK: - Ends

    /// How far the other side has gone away.
    enum Ending {
        case none
        /// It sends no more; it may still read.
        case sending
        case whole
    }

    /// Of all at once, without waiting.
    static func endings(of sockets: [Socket]) -> [Ending] {
        // POLLRDHUP, which Swift's Glibc does not know.
        let mask: Int16 = 0x2000
        var entries = sockets.map { pollfd(fd: $0.descriptor, events: mask, revents: 0) }
        guard poll(&entries, nfds_t(entries.count), 0) > 0 else {
            return sockets.map { _ in .none }
        }
        return entries.map { entry -> Ending in
            if entry.revents & Int16(POLLERR | POLLHUP) != 0 { return .whole }
            return entry.revents & mask != 0 ? .sending : .none
        }
    }

    /// Ends sending, and waits a moment for the client to read what was sent.
    func finish() {
        shutdown(descriptor, Int32(SHUT_WR))
        let end = MonotonicClock.nanoseconds() + 500_000_000
        while MonotonicClock.nanoseconds() < end {
            if let bytes = read(max: 4_096, milliseconds: 50), bytes.isEmpty { return }
        }
    }

    /// Has the client see that the connection broke, not that it ended.
    func breakOff() {
        var atOnce = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &atOnce, socklen_t(MemoryLayout<linger>.size))
    }
}
