using System.Buffers.Binary;
using System.Net.Sockets;

namespace Gateway.Coap;

/// <summary>The control message that says to which of our addresses a datagram came, and from which one an answer is to go.</summary>
//
//   +-----------+-----------+-----------+--------------------------------------------------+
//   | length: 8 | level: 4  | type: 4   | IPv4, ip(7):    interface: 4, ours: 4, header: 4 |   the length without what follows as padding;
//   |           |           |           | IPv6, RFC 3542: address: 16, interface: 4        |   numbers as the processor has them
//   +-----------+-----------+-----------+--------------------------------------------------+
internal static class PacketInfo
{
    /// <summary>Room for the larger one.</summary>
    public const int MaxSize = 40;

    private const int LevelAt = 8;
    private const int TypeAt = 12;
    private const int InfoAt = 16;
    private const int Size4 = 12;
    private const int Size6 = 20;
    private const int Ours4At = InfoAt + 4;
    private const int Header4At = InfoAt + 8;
    private const int Interface6At = InfoAt + 16;

    private const int Level4 = 0;
    private const int Type4 = 8;
    private const int Level6 = 41;
    private const int Receive6 = 49;
    private const int Type6 = 50;
    private const uint MappedPrefix = 0xffff;

    /// <summary>Has the kernel tell it with each datagram. A socket of both families tells it the way of IPv6, with IPv4 mapped.</summary>
    public static void Ask(Socket socket)
    {
        ReadOnlySpan<byte> yes = [1, 0, 0, 0];
        if (socket.AddressFamily == AddressFamily.InterNetwork)
        {
            socket.SetRawSocketOption(Level4, Type4, yes);
        }
        else
        {
            socket.SetRawSocketOption(Level6, Receive6, yes);
        }
    }

    /// <summary>The address of ours that was asked, 0 if that is not said; and whether it was not we alone: a group, or everybody in a network.</summary>
    public static (UInt128 Local, bool ToGroup) Read(ReadOnlySpan<byte> control)
    {
        if (control.Length < InfoAt)
        {
            return default;
        }

        var kind = (BitConverter.ToInt32(control[LevelAt..]), BitConverter.ToInt32(control[TypeAt..]));
        if (kind == (Level4, Type4) && control.Length >= InfoAt + Size4)
        {
            // ip(7): for a datagram to a group or to a whole network the two addresses differ, the first being our own on that interface.
            var ours = BinaryPrimitives.ReadUInt32BigEndian(control[Ours4At..]);
            return (((UInt128)MappedPrefix << 32) | ours, BinaryPrimitives.ReadUInt32BigEndian(control[Header4At..]) != ours);
        }

        if (kind == (Level6, Type6) && control.Length >= InfoAt + Size6)
        {
            var asked = BinaryPrimitives.ReadUInt128BigEndian(control[InfoAt..]);
            return (asked, Peer.IsGroup(asked));
        }

        return default;
    }

    /// <summary>Writes from which address it is to go to the peer; returns the length, 0 when the kernel is to choose.</summary>
    public static int Write(Span<byte> control, Peer peer, AddressFamily family)
    {
        var linkLocal = IsLinkLocal(peer.Local);
        if (peer.Local == 0 || (linkLocal && peer.Scope == 0))
        {
            return 0;
        }

        control.Clear();
        if (family == AddressFamily.InterNetwork)
        {
            BinaryPrimitives.WriteUInt32BigEndian(control[Ours4At..], (uint)peer.Local);
            return WriteHead(control, Size4, Level4, Type4);
        }

        BinaryPrimitives.WriteUInt128BigEndian(control[InfoAt..], peer.Local);
        _ = BitConverter.TryWriteBytes(control[Interface6At..], linkLocal ? peer.Scope : 0);
        return WriteHead(control, Size6, Level6, Type6);
    }

    // RFC 4291 §2.5.6: fe80::/10, which means nothing without an interface.
    private static bool IsLinkLocal(UInt128 address) => address >> 118 == 0xfe80 >> 6;

    private static int WriteHead(Span<byte> control, int size, int level, int type)
    {
        _ = BitConverter.TryWriteBytes(control, (long)(InfoAt + size));
        _ = BitConverter.TryWriteBytes(control[LevelAt..], level);
        _ = BitConverter.TryWriteBytes(control[TypeAt..], type);
        return (InfoAt + size + 7) & ~7;
    }
}
