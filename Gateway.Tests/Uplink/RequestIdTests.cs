using Gateway.Uplink;

namespace Gateway.Tests.Uplink;

/// <summary>The ids of exchanges are UUIDs that sort by time.</summary>
internal sealed class RequestIdTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    [Test]
    public void An_id_is_a_uuid_of_version_7_with_its_time()
    {
        var id = Guid.ParseExact(RequestIds.New(Now), "N");

        Assert.That((id.Version, id.Variant & 0xC), Is.EqualTo((7, 0x8)));
        Assert.That(RequestIds.New(Now)[..12], Is.EqualTo(Now.ToUnixTimeMilliseconds().ToString("x12")));
    }

    [Test]
    public void Ids_sort_by_time_within_a_millisecond_too()
    {
        string[] ids = [.. Enumerable.Range(0, 1000).Select(number => RequestIds.New(Now.AddTicks(number * 10)))];

        Assert.That(ids, Is.Ordered.Using((IComparer<string>)StringComparer.Ordinal));
        Assert.That(ids, Is.Unique);
    }

    [Test]
    public void Ids_of_one_instant_differ() => Assert.That(Enumerable.Range(0, 10_000).Select(_ => RequestIds.New(Now)), Is.Unique);
}
