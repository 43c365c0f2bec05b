using System.Text.Json;
using Gateway.Devices;
using Gateway.Storage;
using Gateway.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Storage;

internal sealed class LiteDbDeviceStoreTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private TempFolder _folder = null!;
    private LiteDbStore _file = null!;
    private LiteDbDeviceStore _store = null!;

    [SetUp]
    public void Open()
    {
        _folder = new TempFolder();
        _file = new LiteDbStore(new StorageSettings { Path = _folder.PathOf("gateway.db") }, NullLogger<LiteDbStore>.Instance);
        _store = new LiteDbDeviceStore(_file);
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _file.DisposeAsync();
        _folder.Dispose();
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
        };

        await _store.SaveAsync(device, CancellationToken.None);
        var found = await _store.FindAsync(device.Id, CancellationToken.None);

        Assert.That(JsonSerializer.Serialize(DeviceDocument.Of(found!)), Is.EqualTo(JsonSerializer.Serialize(DeviceDocument.Of(device))));
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

    private async Task<IEnumerable<string>> ListAsync(DeviceId after, int limit, DeviceState? state) =>
        (await _store.ListAsync(after, limit, state, CancellationToken.None)).Select(device => device.Id.ToString());

    private static Device DeviceOf(string id) => new() { Id = DeviceId.Parse(id), CreatedAt = Now, UpdatedAt = Now };
}
