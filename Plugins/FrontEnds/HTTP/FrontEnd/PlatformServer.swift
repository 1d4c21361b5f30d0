// SPDX-License-Identifier: MIT

import Glibc
import IglooContracts

enum Clock {
    /// Nanoseconds that only grow.
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    static func sleep(milliseconds: Int) { usleep(UInt32(milliseconds) * 1_000) }

    /// 128 bits that nobody guesses, in hexadecimal.
    static func randomName() -> String {
        var generator = SystemRandomNumberGenerator()
        return [generator.next(), generator.next()].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

/// A thread of the plugin's own, without signals.
enum OwnThread {
    private final class Work {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    /// - Returns: whether the system had a thread to give.
    static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        var all = sigset_t()
        var former = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &former)
        defer { pthread_sigmask(SIG_SETMASK, &former, nil) }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        // Statements are parsed and planned on it.
        pthread_attr_setstacksize(&attributes, 8 << 20)
        defer { pthread_attr_destroy(&attributes) }
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(body))
        let status = pthread_create(
            &thread, &attributes,
            { raw in
                if let raw { Unmanaged<Work>.fromOpaque(raw).takeRetainedValue().body() }
                return nil
            }, work.toOpaque())
        if status != 0 { work.release() }
        return status == 0
    }
}

/// A socket; closed when it is let go.
///
/// - Threads: any.
final class Socket: Sendable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Listens at an address of IPv4: `127.0.0.1:8080`.
    static func listen(_ host: String, port: UInt16) throws(IglooError) -> Socket {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            throw IglooError(
                .invalidArgument, "\"\(host)\" is no address of this machine",
                hint: "write 127.0.0.1, or 0.0.0.0 for all of its networks")
        }
        let descriptor = Glibc.socket(
            AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure("make a socket for", host, errno) }
        let socket = Socket(descriptor)
        var on: Int32 = 1
        setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
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
    func accept(milliseconds: Int32) -> Socket? {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, milliseconds) > 0 else { return nil }
        let accepted = Glibc.accept(descriptor, nil, nil)
        guard accepted >= 0 else { return nil }
        _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
        _ = fcntl(accepted, F_SETFL, fcntl(accepted, F_GETFL, 0) | O_NONBLOCK)
        var on: Int32 = 1
        setsockopt(
            accepted, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        return Socket(accepted)
    }

    /// What has come; empty at the end; `nil` when nothing comes within the time.
    func read(max: Int, milliseconds: Int32) -> [UInt8]? {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, milliseconds) > 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: max)
        let count = recv(descriptor, &bytes, max, 0)
        if count < 0 && (errno == EAGAIN || errno == EINTR) { return nil }
        return Array(bytes.prefix(Swift.max(count, 0)))
    }

    /// Whether the other side has closed its end, or is gone.
    var isClosedByPeer: Bool {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        return count == 0 || count < 0 && errno != EAGAIN && errno != EINTR
    }

    /// Sends all of it.
    ///
    /// - Parameter check: asked while the client is slow.
    func send(
        _ bytes: UnsafeRawBufferPointer, _ check: () throws(IglooError) -> Void
    ) throws(IglooError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let slice = UnsafeRawBufferPointer(rebasing: rest)
            let count = Glibc.send(
                descriptor, slice.baseAddress, slice.count, Int32(MSG_NOSIGNAL))
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count < 0 && (errno == EAGAIN || errno == EINTR) {
                try check()
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&entry, 1, 100)
            } else {
                throw IglooError(.cancelled, "the client is gone")
            }
        }
    }

    /// Ends sending, and waits a moment for the client to read what was sent.
    func finish() {
        shutdown(descriptor, Int32(SHUT_WR))
        let end = Clock.now + 500_000_000
        while Clock.now < end {
            if let bytes = read(max: 4_096, milliseconds: 50), bytes.isEmpty { return }
        }
    }
}
