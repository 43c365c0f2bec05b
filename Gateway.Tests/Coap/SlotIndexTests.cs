using CsCheck;
using Gateway.Coap;

namespace Gateway.Tests.Coap;

/// <summary>The index of hashes beside a plain dictionary.</summary>
internal sealed class SlotIndexTests
{
    // Few hashes, and many that belong at the same place or at the last one, so that walks are long, go round the end, and cross.
    private static readonly Gen<ulong> Hash = Gen.OneOf(
        Gen.ULong[0, 3].Select(high => high << 40),
        Gen.ULong[0, 5].Select(high => (high << 40) | uint.MaxValue),
        Gen.ULong[0, 40]);

    private static readonly Gen<(bool Add, ulong Hash, int Which)> Step = Gen.Select(Gen.Int[0, 9].Select(dice => dice < 6), Hash, Gen.Int[0, 1000]);

    [Test]
    public void It_finds_what_was_added_and_not_removed([Values(1, 7, 300)] int capacity) => Step.Array[0, 1200].Sample(
        steps =>
        {
            var index = new SlotIndex(capacity);
            var model = new Dictionary<int, ulong>();
            foreach (var (add, hash, which) in steps)
            {
                if (add && !index.IsFull)
                {
                    Assert.That(model.TryAdd(index.Add(hash), hash), "the slot was free");
                }
                else if (model.Count > 0)
                {
                    var slot = model.Keys.ElementAt(which % model.Count);
                    index.PrefetchRemoval(slot);
                    index.Remove(slot);
                    model.Remove(slot);
                }

                Assert.That(index.Count, Is.EqualTo(model.Count));
                Assert.That(SlotsOf(index, hash), Is.EquivalentTo(model.Where(entry => entry.Value == hash).Select(entry => entry.Key)));
            }

            foreach (var hash in model.Values.Distinct())
            {
                Assert.That(SlotsOf(index, hash), Is.EquivalentTo(model.Where(entry => entry.Value == hash).Select(entry => entry.Key)));
            }
        },
        iter: 300);

    [Test]
    public void Every_slot_has_a_place_beside_it()
    {
        var index = new SlotIndex(10_000);
        for (var number = 0UL; number < 10_000; number++)
        {
            Assert.That(index.Add(number), Is.LessThan(index.Length));
        }

        Assert.That(index.IsFull);
        Assert.That(() => index.Add(1), Throws.InvalidOperationException);
    }

    private static List<int> SlotsOf(SlotIndex index, ulong hash)
    {
        var slots = new List<int>();
        for (var slot = index.Find(hash); slot != SlotIndex.None; slot = index.FindNext(slot))
        {
            slots.Add(slot);
        }

        return slots;
    }
}
