using System.Runtime.InteropServices;

namespace Gateway.Coap;

/// <summary>A piece of memory: <c>struct iovec</c> of readv(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public byte* Start;
    public nuint Length;
}

/// <summary>A datagram, its address and its control messages: <c>struct msghdr</c> of recvmsg(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    public byte* Name;
    public uint NameLength;
    public IoVector* Vectors;
    public nuint VectorCount;
    public byte* Control;
    public nuint ControlLength;
    public int Flags;
}

/// <summary>One of many: <c>struct mmsghdr</c> of recvmmsg(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BatchEntry
{
    public MessageHeader Header;

    /// <summary>The bytes that were received or sent.</summary>
    public uint Length;
}
