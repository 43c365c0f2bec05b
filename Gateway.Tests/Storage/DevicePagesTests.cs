using Gateway.Devices;
using Gateway.Storage;

namespace Gateway.Tests.Storage;

/// <summary>Pages that were read, and when they are none any more.</summary>
internal sealed class DevicePagesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly DevicePages _pages = new();

    [SetUp]
    public void SetUp() => _pages.Forget();

    [Test]
    public void A_page_is_found_until_something_is_written()
    {
        Keep("a");
        var before = IsKept("a");
        _pages.Forget();

        Assert.That((before, IsKept("a")), Is.EqualTo((true, false)));
    }

    [Test]
    public void A_page_that_was_read_while_something_was_written_is_not_kept()
    {
        _pages.Find(PageOf("a"), device => device, out var version);
        _pages.Forget();
        _pages.Keep(PageOf("a"), SliceOf(1), version);

        Assert.That(IsKept("a"), Is.False);
    }

    [Test]
    public void Pages_differ_by_where_they_begin_how_long_they_are_and_the_state([Values] bool isKept)
    {
        Keep("a");
        var page = PageOf("a");
        DevicePage[] asked = isKept ? [page] : [page with { After = DeviceId.Parse("b") }, page with { Limit = 21 }, page with { State = DeviceState.Held }];

        Assert.That(asked.Select(IsKept), Is.All.EqualTo(isKept));
    }

    [Test]
    public void Pages_are_bounded_even_those_with_nobody_on_them([Values(0, 1000)] int devices)
    {
        const int Bound = 50_000;
        var most = (Bound / (devices + 1)) + 1;
        Keep("first", devices);
        for (var number = 0; number < most; number++)
        {
            Keep($"p{number}", devices);
        }

        Assert.That((IsKept("first"), IsKept($"p{most - 1}")), Is.EqualTo((false, true)));
    }

    [Test]
    public void A_sighting_is_laid_over_a_page_that_stays()
    {
        Keep("a");
        foreach (var seen in new[] { Now.AddHours(2), Now.AddHours(1) })
        {
            _pages.Saw([KeyValuePair.Create(DeviceId.Parse("d0"), seen), KeyValuePair.Create(DeviceId.Parse("other"), Now)]);

            Assert.That(_pages.Find(PageOf("a"), device => device, out _)!.Devices.Single().LastSeenAt, Is.EqualTo(seen));
        }
    }

    [Test]
    public void A_page_that_was_read_before_a_sighting_shows_it_or_is_not_kept([Values] bool isFirst)
    {
        if (!isFirst)
        {
            Keep("b");
        }

        _pages.Find(PageOf("a"), device => device, out var version);
        _pages.Saw([KeyValuePair.Create(DeviceId.Parse("d0"), Now)]);
        _pages.Keep(PageOf("a"), SliceOf(1), version);

        Assert.That(_pages.Find(PageOf("a"), device => device, out _)?.Devices.Single().LastSeenAt, Is.EqualTo(isFirst ? null : (DateTimeOffset?)Now));
        Assert.That(IsKept("a"), Is.EqualTo(!isFirst));
    }

    [Test]
    public void A_page_that_no_longer_fits_and_lacks_a_sighting_is_not_kept()
    {
        Keep("b", 30_000);
        _pages.Find(PageOf("a"), device => device, out var version);
        _pages.Saw([KeyValuePair.Create(DeviceId.Parse("d0"), Now)]);
        _pages.Keep(PageOf("a"), SliceOf(30_000), version);

        Assert.That((IsKept("a"), IsKept("b")), Is.EqualTo((false, false)));
    }

    [Test]
    public void Sightings_are_bounded()
    {
        Keep("a");
        _pages.Saw([.. Enumerable.Range(0, 30_000).Select(number => KeyValuePair.Create(DeviceId.Parse($"s{number}"), Now))]);
        var before = IsKept("a");
        _pages.Saw([.. Enumerable.Range(0, 30_000).Select(number => KeyValuePair.Create(DeviceId.Parse($"t{number}"), Now))]);

        Assert.That((before, IsKept("a")), Is.EqualTo((true, false)));
    }

    private static DevicePage PageOf(string after) => new(DeviceId.Parse(after), 20, null);

    private static DeviceSlice SliceOf(int devices) =>
        new([.. Enumerable.Range(0, devices).Select(number => new Device { Id = DeviceId.Parse($"d{number}"), CreatedAt = Now, UpdatedAt = Now })], DeviceId.None);

    private void Keep(string after, int devices = 1)
    {
        _pages.Find(PageOf(after), device => device, out var version);
        _pages.Keep(PageOf(after), SliceOf(devices), version);
    }

    private bool IsKept(string after) => IsKept(PageOf(after));

    private bool IsKept(DevicePage page) => _pages.Find(page, device => device, out _) is not null;
}
