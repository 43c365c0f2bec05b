using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Coap;

/// <summary>The other side of an exchange, as a value that costs no allocation to make, compare and hash. IPv4 is kept mapped into IPv6.</summary>
internal readonly record struct Peer(UInt128 Address, ushort Port, uint Scope)
{
    // Where the parts stand in a sockaddr_in and a sockaddr_in6: the same on Linux, Windows and macOS.
    private const int PortAt = 2;
    private const int Address4At = 4;
    private const int Address6At = 8;
    private const int ScopeAt = 24;
    private const uint MappedPrefix = 0xffff;

    private bool IsIPv4 => Address >> 32 == MappedPrefix;

    public static Peer From(SocketAddress address)
    {
        var bytes = address.Buffer.Span;
        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[PortAt..]);
        return address.Family == AddressFamily.InterNetwork
            ? new Peer(Mapped(BinaryPrimitives.ReadUInt32BigEndian(bytes[Address4At..])), port, 0)
            : new Peer(BinaryPrimitives.ReadUInt128BigEndian(bytes[Address6At..]), port, BitConverter.ToUInt32(bytes[ScopeAt..]));
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
    public void WriteTo(SocketAddress address)
    {
        var bytes = address.Buffer.Span;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[PortAt..], Port);
        if (address.Family == AddressFamily.InterNetwork)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes[Address4At..], (uint)Address);
        }
        else
        {
            BinaryPrimitives.WriteUInt128BigEndian(bytes[Address6At..], Address);
            _ = BitConverter.TryWriteBytes(bytes[ScopeAt..], Scope);
        }
    }

    /// <summary>The peer's address and port; an IPv4 address that came through a dual-stack socket is shown as IPv4.</summary>
    public IPEndPoint ToEndPoint()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Address);
        return new IPEndPoint(IsIPv4 ? new IPAddress(bytes[12..]) : new IPAddress(bytes, Scope), Port);
    }

    public override string ToString() => ToEndPoint().ToString();

    private static UInt128 Mapped(uint address) => ((UInt128)MappedPrefix << 32) | address;
}
