using Gateway.Commands;
using Gateway.Devices;
using Gateway.Storage;
using Gateway.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Storage;

/// <summary>LiteDB keeps the contract of the stores of devices.</summary>
internal sealed class LiteDbDeviceStoreTests : DeviceStoreContract
{
    private readonly LiteDbInAFolder _file = new();

    public override async Task CloseAsync() => await _file.DisposeAsync();

    protected override Task<IDeviceStore> OpenAsync() => Task.FromResult<IDeviceStore>(new LiteDbDeviceStore(_file.Open()));

    protected override async Task<IDeviceStore> ReopenAsync() => new LiteDbDeviceStore(await _file.ReopenAsync());
}

/// <summary>LiteDB keeps the contract of the stores of commands.</summary>
internal sealed class LiteDbCommandStoreTests : CommandStoreContract
{
    private readonly LiteDbInAFolder _file = new();

    public override async Task CloseAsync() => await _file.DisposeAsync();

    protected override Task<(ICommandStore Commands, ICommandRunStore Runs)> OpenAsync() => Task.FromResult(In(_file.Open()));

    protected override async Task<(ICommandStore Commands, ICommandRunStore Runs)> ReopenAsync() => In(await _file.ReopenAsync());

    [Test]
    public void Commands_that_ended_are_found_without_a_look_at_those_that_wait()
    {
        var plan = _file.Store.Read(database => LiteDbCommandStore.EndedBefore(database.GetCollection(LiteDbSchema.Commands), DateTimeOffset.UnixEpoch.AddDays(1)).GetPlan());

        Assert.That(plan["index"]["mode"].AsString, Does.StartWith("INDEX RANGE SCAN(endedat BETWEEN"), plan.ToString());
        Assert.That(plan["filters"].IsNull, plan.ToString());
    }

    private static (ICommandStore Commands, ICommandRunStore Runs) In(LiteDbStore store) => (new LiteDbCommandStore(store), new LiteDbCommandRunStore(store));
}

/// <summary>A LiteDB file in a folder of its own.</summary>
internal sealed class LiteDbInAFolder : IAsyncDisposable
{
    private TempFolder? _folder;
    private LiteDbStore? _store;

    public string Path => (_folder ??= new TempFolder()).PathOf("gateway.db");

    /// <summary>What is open now.</summary>
    public LiteDbStore Store => _store!;

    public LiteDbStore Open() => _store = new LiteDbStore(new StorageSettings { Path = Path, CheckSeconds = 60 }, TimeProvider.System, NullLogger<LiteDbStore>.Instance);

    public async Task<LiteDbStore> ReopenAsync()
    {
        await CloseAsync();
        return Open();
    }

    public async Task CloseAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
            _store = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _folder?.Dispose();
        _folder = null;
    }
}
