using CsCheck;
using Gateway.Journal;

namespace Gateway.Tests.Journal;

/// <summary>The memory that a sink's records are read into again and again.</summary>
internal sealed class RecordMemoryTests
{
    // Some longer than a piece, and several pieces in all.
    private static readonly Gen<int> Lengths = Gen.OneOf(Gen.Int[0, 3000], Gen.Int[0, 3000], Gen.Int[100_000, 300_000]);

    [Test]
    public void What_is_taken_stays_as_it_was_written_until_the_memory_is_reused() => Lengths.Array[1, 40].Sample(lengths =>
    {
        var memory = new RecordMemory();
        for (byte round = 0; round < 2; round++)
        {
            memory.Reuse();
            var taken = lengths.Select(memory.Take).ToArray();
            for (var i = 0; i < taken.Length; i++)
            {
                taken[i].Span.Fill((byte)(i + round));
            }

            for (var i = 0; i < taken.Length; i++)
            {
                Assert.That((taken[i].Length, taken[i].Span.IndexOfAnyExcept((byte)(i + round))), Is.EqualTo((lengths[i], -1)));
            }
        }
    }, iter: 20);

    [Test]
    public void A_batch_like_the_one_before_costs_no_memory()
    {
        var memory = new RecordMemory();
        var before = 0L;
        for (var round = 0; round < 3; round++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            memory.Reuse();
            for (var i = 0; i < 1000; i++)
            {
                memory.Take(2700);
            }
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }
}
