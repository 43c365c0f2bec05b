using CsCheck;
using Gateway.Coap.Dtls;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>RFC 6347 §4.1.2.6: which records have come already.</summary>
internal sealed class ReplayWindowTests
{
    private const ulong Size = 64;

    [Test]
    public void Nothing_has_come_at_first()
    {
        var window = default(ReplayWindow);

        Assert.That((window.HasCome(0), window.IsNewest(0), window.HasCome(Record.MaxSequence)), Is.EqualTo((false, true, false)));
    }

    [Test]
    public void The_last_64_are_told_apart_and_older_ones_count_as_come()
    {
        var window = default(ReplayWindow);
        window.Add(100);

        Assert.That(window.HasCome(100), Is.True);
        Assert.That((window.HasCome(99), window.HasCome(37)), Is.EqualTo((false, false)));
        Assert.That((window.HasCome(36), window.HasCome(0)), Is.EqualTo((true, true)));
        Assert.That((window.IsNewest(99), window.IsNewest(100), window.IsNewest(101)), Is.EqualTo((false, false, true)));
    }

    [Test]
    public void A_leap_leaves_nothing_behind()
    {
        var window = default(ReplayWindow);
        window.Add(0);
        window.Add(Record.MaxSequence);

        Assert.That((window.HasCome(0), window.HasCome(Record.MaxSequence), window.HasCome(Record.MaxSequence - 63)), Is.EqualTo((true, true, false)));
    }

    [Test]
    public void A_window_may_begin_with_an_end()
    {
        var window = ReplayWindow.EndingAt(1000);

        Assert.That((window.HasCome(999), window.HasCome(936), window.HasCome(1000), window.IsNewest(1000)), Is.EqualTo((true, true, false, true)));
    }

    // Against the plainest form: a set of all that has come.
    [Test]
    public void It_does_what_a_set_with_an_end_does() => Gen.Frequency((6, Gen.ULong[0, 150]), (1, Gen.ULong[0, 1000])).Array[1, 200].Sample(
        sequences =>
        {
            var window = default(ReplayWindow);
            var come = new HashSet<ulong>();
            foreach (var sequence in sequences)
            {
                var end = come.Count == 0 ? 0 : come.Max() + 1;
                var expected = come.Contains(sequence) || (sequence < end && end - 1 - sequence >= Size);
                Assert.That((window.HasCome(sequence), window.IsNewest(sequence), window.End), Is.EqualTo((expected, sequence >= end, end)));
                if (!expected)
                {
                    window.Add(sequence);
                    come.Add(sequence);
                }
            }
        },
        iter: 2_000);
}
