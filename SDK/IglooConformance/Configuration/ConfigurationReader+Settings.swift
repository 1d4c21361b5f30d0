// SPDX-License-Identifier: MIT

import IglooContracts
import IglooPlugins

/// What is said of caches, stores, streams, clients and secrets.
extension ConfigurationReader {
    func entries(_ entry: TOMLEntry) throws(IglooError) -> EntrySettings {
        var settings = EntrySettings()
        for inner in try table(entry) {
            switch inner.key {
            case "persistent": settings.isPersistent = try flag(inner)
            case "corrupt": settings.corruptCommand = try command(inner)
            default: throw unknown(inner, ["persistent", "corrupt"])
            }
        }
        return settings
    }

    func store(_ entry: TOMLEntry) throws(IglooError) -> StoreSettings {
        var settings = StoreSettings()
        for inner in try table(entry) {
            switch inner.key {
            case "compacts_after": settings.compactsAfter = try number(inner, 1...1_000_000)
            default: throw unknown(inner, ["compacts_after"])
            }
        }
        return settings
    }

    func streams(_ entry: TOMLEntry) throws(IglooError) -> StreamSettings {
        var settings = StreamSettings()
        for inner in try table(entry) {
            switch inner.key {
            case "listen": settings.address = placed(try text(inner))
            case "volume_mib": settings.volumeByteCount = try number(inner, 1...65_536) << 20
            case "buffer_max_mib": settings.bufferByteCountMax = try number(inner, 1...65_536) << 20
            case "frame_max": settings.frameByteCountMax = try number(inner, 1...(1 << 30))
            case "peer_within": settings.peerSeconds = try number(inner, 1...100)
            case "identity": settings.identity = try text(inner)
            case "stranger": settings.stranger = try options(inner)
            default:
                throw unknown(
                    inner,
                    [
                        "listen", "volume_mib", "buffer_max_mib", "frame_max", "peer_within",
                        "identity", "stranger",
                    ])
            }
        }
        return settings
    }

    func secret(_ entry: TOMLEntry) throws(IglooError) -> SecretSettings {
        var settings = SecretSettings()
        for inner in try table(entry) {
            switch inner.key {
            case "reference": settings.reference = placed(try text(inner))
            case "value": settings.value = try text(inner)
            case "missing": settings.missing = placed(try text(inner))
            case "rotate": settings.rotateCommand = try command(inner)
            default: throw unknown(inner, ["reference", "value", "missing", "rotate"])
            }
        }
        guard (settings.reference == nil) == (settings.value == nil) else {
            throw wrong(entry, "a reference and the value of its secret go together")
        }
        return settings
    }

    func client(_ entry: TOMLEntry) throws(IglooError) -> ClientSettings {
        var settings = ClientSettings()
        for inner in try table(entry) {
            switch inner.key {
            case "protocol": settings.protocolName = try text(inner)
            case "execute": settings.executeCommand = try command(inner)
            case "cancel": settings.cancelCommand = try command(inner)
            case "stranger": settings.strangerCommand = try command(inner)
            case "refused": settings.refusedText = try text(inner)
            case "slow": settings.slowCommand = try command(inner)
            case "buffer_max_mib": settings.bufferByteCountMax = try number(inner, 1...65_536) << 20
            default:
                throw unknown(
                    inner,
                    [
                        "protocol", "execute", "cancel", "stranger", "refused", "slow",
                        "buffer_max_mib",
                    ])
            }
        }
        return settings
    }
}
