using System.Net.Sockets;

namespace Gateway.Coap;

/// <summary>The memory of a batch: for each message a header, an address, a control message and a buffer, wired together once.</summary>
//
//   entries    [ header 0 ][ header 1 ] ...      each header points to
//   names      [ sockaddr ][ sockaddr ] ...      its address,
//   controls   [ cmsghdr  ][ cmsghdr  ] ...      its control message,
//   vectors    [ iovec    ][ iovec    ] ...      and through its vector to
//   buffers    [ bytes ... ][ bytes ... ] ...    its bytes
//
// One thread uses it at a time.
internal sealed unsafe class MessageSlots
{
    private const int NameSize4 = 16;
    private const int NameSize6 = 28;

    // Buffers that begin a power of two apart would all want the same lines of the processor's cache.
    private const int Gap = 192;

    private readonly PinnedArray<BatchEntry> _entries;
    private readonly PinnedArray<IoVector> _vectors;
    private readonly PinnedArray<byte> _names;
    private readonly PinnedArray<byte> _controls;
    private readonly PinnedArray<byte> _buffers;
    private readonly int _nameSize;

    public MessageSlots(int count, int bufferSize, AddressFamily family)
    {
        (Count, BufferSize, Family) = (count, bufferSize, family);
        _nameSize = family == AddressFamily.InterNetwork ? NameSize4 : NameSize6;
        _entries = new PinnedArray<BatchEntry>(count);
        _vectors = new PinnedArray<IoVector>(count);
        _names = new PinnedArray<byte>(count * _nameSize);
        _controls = new PinnedArray<byte>(count * PacketInfo.MaxSize);
        _buffers = new PinnedArray<byte>(count * (bufferSize + Gap));
        for (var index = 0; index < count; index++)
        {
            Wire(index);
        }
    }

    public int Count { get; }

    public int BufferSize { get; }

    public AddressFamily Family { get; }

    public BatchEntry* Entry(int index) => _entries.At(index);

    public Span<byte> Name(int index) => _names.Slice(index * _nameSize, _nameSize);

    public Span<byte> Control(int index) => _controls.Slice(index * PacketInfo.MaxSize, PacketInfo.MaxSize);

    public Span<byte> Buffer(int index) => _buffers.Slice(index * (BufferSize + Gap), BufferSize);

    /// <summary>How many bytes of the buffer and of the control message are to be sent.</summary>
    public void SetLengths(int index, int length, int controlLength)
    {
        _vectors.At(index)->Length = (nuint)length;
        Entry(index)->Header.ControlLength = (nuint)controlLength;
    }

    /// <summary>Makes a header whole again: the kernel writes into it how much of each part it used.</summary>
    public void Reset(int index)
    {
        ref var header = ref Entry(index)->Header;
        header.NameLength = (uint)_nameSize;
        header.ControlLength = PacketInfo.MaxSize;
        header.Flags = 0;
    }

    private void Wire(int index)
    {
        *_vectors.At(index) = new IoVector { Start = _buffers.At(index * (BufferSize + Gap)), Length = (nuint)BufferSize };
        *_entries.At(index) = new BatchEntry
        {
            Header = new MessageHeader
            {
                Name = _names.At(index * _nameSize),
                Vectors = _vectors.At(index),
                VectorCount = 1,
                Control = _controls.At(index * PacketInfo.MaxSize),
            },
        };
        Reset(index);
    }
}
