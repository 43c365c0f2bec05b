using System.Text.Json;
using Gateway.Devices;

namespace Gateway.Tests.Storage;

/// <summary>What every store of devices must do. A fixture for each implementation says how to open one.</summary>
internal abstract class DeviceStoreContract
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private IDeviceStore _store = null!;

    [SetUp]
    public async Task SetUpAsync() => _store = await OpenAsync();

    [TearDown]
    public abstract Task CloseAsync();

    /// <summary>An empty store, or, after <see cref="ReopenAsync"/>, the same one again.</summary>
    protected abstract Task<IDeviceStore> OpenAsync();

    /// <summary>Closes the store and opens it again.</summary>
    protected abstract Task<IDeviceStore> ReopenAsync();

    [Test]
    public async Task What_was_saved_is_there_after_a_restart()
    {
        await _store.SaveAsync(DeviceOf("a") with { Profile = "first" }, CancellationToken.None);
        await _store.SaveAsync(DeviceOf("a") with { Profile = "second" }, CancellationToken.None);

        _store = await ReopenAsync();

        Assert.That((await _store.FindAsync(DeviceId.Parse("a"), CancellationToken.None))!.Profile, Is.EqualTo("second"));
    }

    [Test]
    public async Task Who_is_not_there_is_not_found() =>
        Assert.That(await _store.FindAsync(DeviceId.Parse("nobody"), CancellationToken.None), Is.Null);

    [Test]
    public async Task Many_writers_lose_nothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () => await _store.SaveAsync(DeviceOf($"d{i:000}"), CancellationToken.None))));

        Assert.That(await _store.CountAsync(DeviceState.Active, CancellationToken.None), Is.EqualTo(200));
        Assert.That(await ListAsync(DeviceId.Parse("d100"), 2, null), Is.EqualTo(new[] { "d101", "d102" }));
    }

    [Test]
    public async Task A_device_comes_back_as_it_was()
    {
        var device = DeviceOf("a") with
        {
            State = DeviceState.Held,
            Profile = "efento",
            ParserScriptRef = "x.csx",
            Labels = ["one", "two"],
            Settings = new Dictionary<string, JsonElement> { ["scale"] = JsonElement.Parse("1.5"), ["$weird.key"] = JsonElement.Parse("""{"a": [1, null]}""") },
            Metadata = new Dictionary<string, string> { ["room"] = "größer" },
            Token = DeviceToken.Of("only-mine"),
        };

        await _store.SaveAsync(device, CancellationToken.None);
        var found = await _store.FindAsync(device.Id, CancellationToken.None);

        Assert.That(found!.Token!.Fits("only-mine"u8), Is.True);
        Assert.That(JsonSerializer.Serialize(DeviceDocument.Of(found)), Is.EqualTo(JsonSerializer.Serialize(DeviceDocument.Of(device))));
    }

    [Test]
    public async Task Devices_are_listed_in_the_order_of_their_ids_and_by_state()
    {
        foreach (var id in new[] { "b", "B", "a", "c" })
        {
            await _store.SaveAsync(DeviceOf(id) with { State = id == "c" ? DeviceState.Held : DeviceState.Active }, CancellationToken.None);
        }

        var all = await ListAsync(DeviceId.None, 10, null);
        var behind = await ListAsync(DeviceId.Parse("a"), 1, null);
        var held = await ListAsync(DeviceId.None, 10, DeviceState.Held);

        Assert.That(all, Is.EqualTo(new[] { "B", "a", "b", "c" }));
        Assert.That(behind, Is.EqualTo(new[] { "b" }));
        Assert.That(held, Is.EqualTo(new[] { "c" }));
        Assert.That(await _store.CountAsync(DeviceState.Held, CancellationToken.None), Is.EqualTo(1));
    }

    [Test]
    public async Task An_import_leaves_known_devices_as_they_are()
    {
        await _store.SaveAsync(DeviceOf("a") with { Profile = "mine" }, CancellationToken.None);

        var added = await _store.InsertMissingAsync([DeviceOf("a"), DeviceOf("b")], CancellationToken.None);
        var known = await _store.FindAsync(DeviceId.Parse("a"), CancellationToken.None);

        Assert.That((added, known!.Profile), Is.EqualTo((1, "mine")));
    }

    [Test]
    public async Task A_deleted_device_is_gone()
    {
        await _store.SaveAsync(DeviceOf("a"), CancellationToken.None);

        var first = await _store.DeleteAsync(DeviceId.Parse("a"), CancellationToken.None);
        var second = await _store.DeleteAsync(DeviceId.Parse("a"), CancellationToken.None);

        Assert.That((first, second), Is.EqualTo((true, false)));
        Assert.That(await _store.FindAsync(DeviceId.Parse("a"), CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task When_a_device_was_seen_outlives_what_is_saved_of_it_and_restarts()
    {
        var (id, seen) = (DeviceId.Parse("a"), Now.AddTicks(7));
        await _store.SaveAsync(DeviceOf("a"), CancellationToken.None);

        await _store.SaveSightingsAsync([KeyValuePair.Create(id, seen), KeyValuePair.Create(DeviceId.Parse("nobody"), seen)], CancellationToken.None);
        await _store.SaveAsync(DeviceOf("a") with { Profile = "changed" }, CancellationToken.None);
        _store = await ReopenAsync();
        var found = await _store.FindAsync(id, CancellationToken.None);

        Assert.That((found!.LastSeenAt, found.Profile), Is.EqualTo(((DateTimeOffset?)seen, "changed")));
        Assert.That(await _store.FindAsync(DeviceId.Parse("nobody"), CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task When_a_device_was_seen_is_told_of_no_other_one_of_its_name([Values] bool imports)
    {
        var (a, seen) = (DeviceOf("a"), Now.AddHours(1));
        await _store.SaveSightingsAsync([KeyValuePair.Create(a.Id, seen)], CancellationToken.None);
        await AddAsync();
        var before = (await _store.FindAsync(a.Id, CancellationToken.None))!.LastSeenAt;
        await _store.SaveSightingsAsync([KeyValuePair.Create(a.Id, seen)], CancellationToken.None);
        var between = (await _store.FindAsync(a.Id, CancellationToken.None))!.LastSeenAt;
        await _store.DeleteAsync(a.Id, CancellationToken.None);
        await AddAsync();

        Assert.That((before, between, (await _store.FindAsync(a.Id, CancellationToken.None))!.LastSeenAt), Is.EqualTo(((DateTimeOffset?)null, (DateTimeOffset?)seen, (DateTimeOffset?)null)));

        async Task AddAsync() => await (imports ? _store.InsertMissingAsync([a], CancellationToken.None).AsTask() : _store.SaveAsync(a, CancellationToken.None).AsTask());
    }

    [Test]
    public async Task A_clock_that_was_ahead_is_put_right()
    {
        var a = DeviceOf("a");
        await _store.SaveAsync(a, CancellationToken.None);
        foreach (var seen in new[] { Now.AddYears(10), Now })
        {
            await _store.SaveSightingsAsync([KeyValuePair.Create(a.Id, seen)], CancellationToken.None);
        }

        Assert.That((await _store.FindAsync(a.Id, CancellationToken.None))!.LastSeenAt, Is.EqualTo(Now));
    }

    [Test]
    public async Task A_page_tells_where_to_go_on_only_when_more_follows()
    {
        foreach (var id in new[] { "a", "b", "c" })
        {
            await _store.SaveAsync(DeviceOf(id) with { Profile = id == "b" ? "other" : null }, CancellationToken.None);
        }

        var first = await _store.ListAsync(DeviceId.None, 1, null, device => device, device => device.Profile is null, CancellationToken.None);
        var second = await _store.ListAsync(first.Next, 1, null, device => device, device => device.Profile is null, CancellationToken.None);

        Assert.That((first.Devices.Single().Id.ToString(), first.Next.ToString()), Is.EqualTo(("a", "a")));
        Assert.That((second.Devices.Single().Id.ToString(), second.Next.IsNone), Is.EqualTo(("c", true)));
    }

    [Test]
    public async Task A_list_that_was_read_before_shows_what_was_written_since()
    {
        var (a, seen) = (DeviceOf("a"), Now.AddHours(1));
        (string What, Func<ValueTask> Write, string List)[] writes =
        [
            ("nothing", () => ValueTask.CompletedTask, ""),
            ("saved", () => _store.SaveAsync(a with { State = DeviceState.Held }, CancellationToken.None), "a Held"),
            ("approved", () => _store.ApproveAsync(a, Now, CancellationToken.None), "a Active"),
            ("imported", async () => await _store.InsertMissingAsync([DeviceOf("b")], CancellationToken.None), "a Active, b Active"),
            ("seen", () => _store.SaveSightingsAsync([KeyValuePair.Create(a.Id, seen)], CancellationToken.None), $"a Active {seen:O}, b Active"),
            ("seen again", () => _store.SaveSightingsAsync([KeyValuePair.Create(a.Id, Now), KeyValuePair.Create(DeviceId.Parse("b"), seen)], CancellationToken.None), $"a Active {Now:O}, b Active {seen:O}"),
            ("deleted", async () => await _store.DeleteAsync(a.Id, CancellationToken.None), $"b Active {seen:O}"),
        ];
        foreach (var (what, write, expected) in writes)
        {
            await write();

            Assert.That((await DescribeAsync(), await DescribeAsync()), Is.EqualTo((expected, expected)), what);
        }

        async Task<string> DescribeAsync() => string.Join(", ", (await _store.ListAsync(DeviceId.None, 10, null, device => device, null, CancellationToken.None)).Devices
            .Select(device => $"{device.Id} {device.State}{(device.LastSeenAt is { } at ? $" {at:O}" : "")}"));
    }

    [Test]
    public async Task What_is_not_stored_of_a_device_is_added_each_time_that_it_is_listed()
    {
        await _store.SaveAsync(DeviceOf("a"), CancellationToken.None);
        var profiles = new List<string?>();
        foreach (var now in new[] { "first", "second" })
        {
            var slice = await _store.ListAsync(DeviceId.None, 10, null, device => device with { Profile = now }, null, CancellationToken.None);
            profiles.Add(slice.Devices.Single().Profile);
        }

        Assert.That(profiles, Is.EqualTo(new[] { "first", "second" }));
    }

    [Test]
    public async Task An_approval_is_kept_until_it_is_settled_and_a_newer_one_stays()
    {
        await _store.SaveAsync(DeviceOf("a") with { State = DeviceState.Held }, CancellationToken.None);
        await _store.ApproveAsync(DeviceOf("a"), Now.AddHours(1), CancellationToken.None);
        await _store.ApproveAsync(DeviceOf("b"), Now, CancellationToken.None);

        _store = await ReopenAsync();
        var first = await _store.ApprovalsAsync(10, CancellationToken.None);
        await _store.ApproveAsync(DeviceOf("a"), Now.AddHours(2), CancellationToken.None);
        await _store.SettleAsync(first, CancellationToken.None);
        var left = await _store.ApprovalsAsync(10, CancellationToken.None);

        Assert.That(first.Select(approval => (approval.Device.ToString(), approval.HeldSince)), Is.EqualTo(new[] { ("a", Now.AddHours(1)), ("b", Now) }));
        Assert.That(left.Select(approval => (approval.Device.ToString(), approval.HeldSince)), Is.EqualTo(new[] { ("a", Now.AddHours(1)) }), "the older instant counts");
        Assert.That((await _store.FindAsync(DeviceId.Parse("a"), CancellationToken.None))!.State, Is.EqualTo(DeviceState.Active));
    }

    private async Task<IEnumerable<string>> ListAsync(DeviceId after, int limit, DeviceState? state) =>
        (await _store.ListAsync(after, limit, state, device => device, null, CancellationToken.None)).Devices.Select(device => device.Id.ToString());

    private static Device DeviceOf(string id) => new() { Id = DeviceId.Parse(id), CreatedAt = Now, UpdatedAt = Now };
}
