using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gateway.Coap;

/// <summary>Memory that stays where it is, so that the kernel can write there; freed when nobody knows it any more.</summary>
internal sealed unsafe class PinnedArray<T>(int length)
    where T : unmanaged
{
    private readonly T[] _items = GC.AllocateUninitializedArray<T>(length, pinned: true);

    public T* At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_items.Length, nameof(index));
        return (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_items)) + index;
    }

    public Span<T> Slice(int start, int count) => _items.AsSpan(start, count);
}
