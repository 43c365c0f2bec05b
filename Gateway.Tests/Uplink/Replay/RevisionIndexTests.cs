using System.Globalization;
using System.Text;
using CsCheck;
using Gateway.Journal;
using Gateway.Tests.Journal;
using Gateway.Uplink;

namespace Gateway.Tests.Uplink.Replay;

internal sealed class RevisionIndexTests
{
    [Test]
    public void What_is_known_up_to_the_bound_is_what_an_index_without_a_bound_knows() =>
        (from abouts in Gen.Long[1, 40].Array[0, 80] from after in Gen.Long[0, 20] from capacity in Gen.Int[2, 12] select (abouts, after, capacity)).Sample(given =>
        {
            var (bounded, free) = (new RevisionIndex(given.after, given.capacity), new RevisionIndex(given.after));
            for (var i = 0; i < given.abouts.Length; i++)
            {
                var reread = Reread(given.abouts[i], revision: i + 1);
                bounded.Add(reread);
                free.Add(reread);
            }

            Assert.That(bounded.KnownUpTo, Is.GreaterThan(given.after), "each look through the journal gets on");
            for (var frame = given.after + 1; frame <= Math.Min(bounded.KnownUpTo, 40); frame++)
            {
                Assert.That(bounded.Of(Unread(frame)), Is.EqualTo(free.Of(Unread(frame))));
            }
        });

    [Test]
    public void A_frame_that_was_read_once_has_been_read_whatever_came_later()
    {
        var index = new RevisionIndex(0);
        index.Add(Reread(1, 1) with { Outcome = FrameOutcome.ScriptFailed });
        Assert.That((index.Of(Unread(1)).HasBeenRead, index.Of(Unread(1)).Revision), Is.EqualTo((false, 1)));

        index.Add(Reread(1, 2));
        index.Add(Reread(1, 3) with { Outcome = FrameOutcome.ScriptFailed });

        Assert.That((index.Of(Unread(1)).HasBeenRead, index.Of(Unread(1)).Revision), Is.EqualTo((true, 3)));
    }

    [Test]
    public void A_frame_that_was_read_when_it_came_has_been_read()
    {
        var index = new RevisionIndex(0);
        index.Add(Reread(1, 1) with { Outcome = FrameOutcome.ScriptFailed });

        Assert.That(index.Of(JournalInAFolder.Record("r") with { Sequence = 1 }).HasBeenRead, Is.True);
    }

    private static JournalRecord Unread(long sequence) => JournalInAFolder.Record("r") with { Sequence = sequence, Outcome = FrameOutcome.ScriptFailed, Readings = default };

    private static JournalRecord Reread(long about, int revision) => JournalInAFolder.Record("r") with
    {
        Kind = JournalRecordKind.Reread,
        About = about,
        Revision = revision,
        Readings = Encoding.UTF8.GetBytes(revision.ToString(CultureInfo.InvariantCulture)),
    };
}
