using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Coap;

/// <summary>The other side of an exchange, as a value that costs no allocation to make, compare and hash. IPv4 is kept mapped into IPv6.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Port">Its port.</param>
/// <param name="Scope">The interface of a link-local address.</param>
/// <param name="Association">
/// The DTLS session that it speaks in, which makes it the same peer wherever it is (RFC 7252 §9.1); 0 for one that speaks in the clear.
/// </param>
/// <param name="Local">
/// The address of ours that it asked, and so the one that must answer (RFC 7252 §4.2, §5.2); 0 where the socket has only one, or can't tell.
/// </param>
internal readonly record struct Peer(UInt128 Address, ushort Port, uint Scope, ulong Association = 0, UInt128 Local = default)
{
    // Where the parts stand in a sockaddr_in and a sockaddr_in6: the same on Linux, Windows and macOS.
    private const int PortAt = 2;
    private const int Address4At = 4;
    private const int Address6At = 8;
    private const int ScopeAt = 24;
    private const uint MappedPrefix = 0xffff;

    // How Linux writes them: bits/socket.h.
    private const ushort LinuxFamily4 = 2;
    private const ushort LinuxFamily6 = 10;
    private const int Length4 = 16;
    private const int Length6 = 28;

    public bool IsIPv4 => Address >> 32 == MappedPrefix;

    /// <summary>Whether an answer could reach it. Nobody sends from port 0, from everywhere, or from a group.</summary>
    public bool CanBeAnswered => Port != 0 && Address != 0 && !IsGroup(Address) && !(IsIPv4 && (uint)Address is 0u or uint.MaxValue);

    /// <summary>Whether it speaks in a DTLS session.</summary>
    public bool IsSecured => Association != 0;

    public bool Equals(Peer other) => Association == other.Association
        && (Association != 0 || (Address == other.Address && Port == other.Port && Scope == other.Scope && Local == other.Local));

    public override int GetHashCode() => (int)SeededHash.Of(this);

    public static Peer From(SocketAddress address) => From(address.Buffer.Span, address.Family);

    /// <summary>Reads the sockaddr of a socket of the family, from one who asked the local address.</summary>
    public static Peer From(ReadOnlySpan<byte> address, AddressFamily family, UInt128 local = default)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(address[PortAt..]);
        return family == AddressFamily.InterNetwork
            ? new Peer(Mapped(BinaryPrimitives.ReadUInt32BigEndian(address[Address4At..])), port, 0, 0, local)
            : new Peer(BinaryPrimitives.ReadUInt128BigEndian(address[Address6At..]), port, BitConverter.ToUInt32(address[ScopeAt..]), 0, local);
    }

    public static Peer From(IPEndPoint endPoint)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = endPoint.Address.TryWriteBytes(bytes, out _);
        return endPoint.AddressFamily == AddressFamily.InterNetwork
            ? new Peer(Mapped(BinaryPrimitives.ReadUInt32BigEndian(bytes)), (ushort)endPoint.Port, 0)
            : new Peer(BinaryPrimitives.ReadUInt128BigEndian(bytes), (ushort)endPoint.Port, (uint)endPoint.Address.ScopeId);
    }

    /// <summary>Writes the peer for a socket of the address's family.</summary>
    public void WriteTo(SocketAddress address) => WriteParts(address.Buffer.Span, address.Family);

    /// <summary>Writes the peer as a sockaddr of Linux, for a socket of the family; returns its length.</summary>
    public int WriteTo(Span<byte> address, AddressFamily family)
    {
        var (length, number) = family == AddressFamily.InterNetwork ? (Length4, LinuxFamily4) : (Length6, LinuxFamily6);
        address[..length].Clear();
        _ = BitConverter.TryWriteBytes(address, number);
        WriteParts(address, family);
        return length;
    }

    private void WriteParts(Span<byte> address, AddressFamily family)
    {
        BinaryPrimitives.WriteUInt16BigEndian(address[PortAt..], Port);
        if (family == AddressFamily.InterNetwork)
        {
            BinaryPrimitives.WriteUInt32BigEndian(address[Address4At..], (uint)Address);
        }
        else
        {
            BinaryPrimitives.WriteUInt128BigEndian(address[Address6At..], Address);
            _ = BitConverter.TryWriteBytes(address[ScopeAt..], Scope);
        }
    }

    /// <summary>The peer's address and port; an IPv4 address that came through a dual-stack socket is shown as IPv4.</summary>
    public IPEndPoint ToEndPoint()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Address);
        return new IPEndPoint(IsIPv4 ? new IPAddress(bytes[12..]) : new IPAddress(bytes, Scope), Port);
    }

    /// <summary>Whether it is the address of a multicast group: ff00::/8 or 224.0.0.0/4.</summary>
    public static bool IsGroup(UInt128 address) => address >> 120 == 0xff || (address >> 32 == MappedPrefix && (uint)address >> 28 == 0xe);

    public override string ToString() => ToEndPoint().ToString();

    private static UInt128 Mapped(uint address) => ((UInt128)MappedPrefix << 32) | address;
}
