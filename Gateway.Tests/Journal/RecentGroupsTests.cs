using Gateway.Journal;

namespace Gateway.Tests.Journal;

/// <summary>What was committed lately is found in memory, as long as there is room for it.</summary>
internal sealed class RecentGroupsTests
{
    [Test]
    public void The_groups_from_a_record_on_are_given()
    {
        var groups = Filled(maxBytes: 1000);

        Assert.That(Firsts(groups, 1, 100), Is.EqualTo(new[] { 1, 11, 21 }));
        Assert.That(Firsts(groups, 15, 100), Is.EqualTo(new[] { 11, 21 }));
        Assert.That(Firsts(groups, 30, 100), Is.EqualTo(new[] { 21 }));
        Assert.That(Firsts(groups, 31, 100), Is.Empty, "nothing is there yet");
        Assert.That(Firsts(groups, 1, 5), Is.EqualTo(new[] { 1 }), "no more than is asked for");
    }

    [Test]
    public void What_there_is_no_room_for_is_not_here_any_more()
    {
        var groups = Filled(maxBytes: 40);

        Assert.That(Firsts(groups, 1, 100), Is.Empty, "its reader reads the file");
        Assert.That(Firsts(groups, 11, 100), Is.EqualTo(new[] { 11, 21 }));
    }

    [Test]
    public void A_group_that_does_not_follow_the_last_begins_anew()
    {
        var groups = Filled(maxBytes: 1000);
        groups.Add(41, 10, new byte[16], 10);

        Assert.That(Firsts(groups, 30, 100), Is.Empty);
        Assert.That(Firsts(groups, 41, 100), Is.EqualTo(new[] { 41 }));
    }

    [Test]
    public void A_reader_keeps_what_it_has_taken()
    {
        var groups = Filled(maxBytes: 1000);
        var taken = groups.Take(1, 100);
        groups.Clear();

        Assert.That(taken.Select(group => group.Body.ToArray()), Has.All.EqualTo(Body));
        Assert.That(Firsts(groups, 1, 100), Is.Empty);
        groups.GiveBack(taken);
    }

    private static byte[] Body => [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

    private static RecentGroups Filled(long maxBytes)
    {
        var groups = new RecentGroups(maxBytes);
        for (var first = 1; first <= 21; first += 10)
        {
            groups.Add(first, 10, [.. Body, .. new byte[6]], 10);
        }

        return groups;
    }

    private static long[] Firsts(RecentGroups groups, long sequence, int maxRecords)
    {
        var taken = groups.Take(sequence, maxRecords);
        groups.GiveBack(taken);
        return [.. taken.Select(group => group.First)];
    }
}
