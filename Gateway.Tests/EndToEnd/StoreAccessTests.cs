using System.Collections.Concurrent;
using Gateway.Coap;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Storage;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.EndToEnd;

/// <summary>A frame's way does not lead through the store: what is known of devices and commands is in memory.</summary>
internal sealed class StoreAccessTests
{
    [Test]
    public async Task An_uplink_of_a_device_without_commands_costs_no_store_access()
    {
        var calls = new ConcurrentQueue<string>();
        await using var gateway = await GatewayUnderTest.StartWithAsync(services =>
        {
            services.AddSingleton<ICommandStore>(provider => new CountedCommands(new LiteDbCommandStore(provider.GetRequiredService<LiteDbStore>()), calls));
            services.AddSingleton<IDeviceStore>(provider => new CountedDevices(new LiteDbDeviceStore(provider.GetRequiredService<LiteDbStore>()), calls));
        });
        await gateway.SendAsync(CoapCode.Post, "/devices/busy/data", "{}"u8.ToArray());
        await gateway.SendAsync(CoapCode.Post, "/devices/idle/data", "{}"u8.ToArray());
        for (var i = 0; i < 10; i++)
        {
            await gateway.QueueAsync(new { device_id = "busy", command_type = "set", payload = new { on = true } });
        }

        calls.Clear();
        for (var i = 0; i < 20; i++)
        {
            var answer = await gateway.SendAsync(CoapCode.Post, "/devices/idle/data", "{}"u8.ToArray());
            Assert.That(answer.Code, Is.EqualTo(CoapCode.Created));
        }

        Assert.That(calls, Is.Empty);
        await gateway.SendAsync(CoapCode.Post, "/devices/new/data", "{}"u8.ToArray());
        Assert.That(calls, Does.Contain("save a device"), "calls are counted");
    }

    // Notes what is asked of the stores.
    private sealed class CountedCommands(ICommandStore store, ConcurrentQueue<string> calls) : ICommandStore
    {
        public ValueTask<StorePosition> PositionAsync(CancellationToken cancellation) => store.PositionAsync(cancellation);

        public ValueTask LoadActiveAsync(Action<QueuedCommand> take, CancellationToken cancellation) => store.LoadActiveAsync(take, cancellation);

        public ValueTask<QueuedCommand?> FindAsync(string requestId, CancellationToken cancellation)
        {
            calls.Enqueue("find a command");
            return store.FindAsync(requestId, cancellation);
        }

        public ValueTask<CommandPage> ListAsync(CommandQuery query, CancellationToken cancellation)
        {
            calls.Enqueue("list commands");
            return store.ListAsync(query, cancellation);
        }

        // The follower and the sweeper do this behind everybody's back, whatever devices say.
        public ValueTask ApplyAsync(IReadOnlyCollection<QueuedCommand> commands, CancellationToken cancellation) => store.ApplyAsync(commands, cancellation);

        public ValueTask FollowedAsync(StorePosition position, CancellationToken cancellation) => store.FollowedAsync(position, cancellation);

        public ValueTask<int> ForgetEndedAsync(DateTimeOffset before, int limit, CancellationToken cancellation) => store.ForgetEndedAsync(before, limit, cancellation);
    }

    private sealed class CountedDevices(IDeviceStore store, ConcurrentQueue<string> calls) : IDeviceStore
    {
        public ValueTask<Device?> FindAsync(DeviceId id, CancellationToken cancellation)
        {
            calls.Enqueue("find a device");
            return store.FindAsync(id, cancellation);
        }

        public ValueTask<DeviceSlice> ListAsync(
            DeviceId after, int limit, DeviceState? state, Func<Device, Device> complete, Func<Device, bool>? takes, CancellationToken cancellation)
        {
            calls.Enqueue("list devices");
            return store.ListAsync(after, limit, state, complete, takes, cancellation);
        }

        public ValueTask SaveSightingsAsync(IReadOnlyCollection<KeyValuePair<DeviceId, DateTimeOffset>> sightings, CancellationToken cancellation) =>
            store.SaveSightingsAsync(sightings, cancellation);

        public ValueTask ApproveAsync(Device device, DateTimeOffset heldSince, CancellationToken cancellation)
        {
            calls.Enqueue("approve a device");
            return store.ApproveAsync(device, heldSince, cancellation);
        }

        public ValueTask<IReadOnlyList<Approval>> ApprovalsAsync(int limit, CancellationToken cancellation) => store.ApprovalsAsync(limit, cancellation);

        public ValueTask SettleAsync(IReadOnlyCollection<Approval> approvals, CancellationToken cancellation) => store.SettleAsync(approvals, cancellation);

        public ValueTask<int> CountAsync(DeviceState state, CancellationToken cancellation)
        {
            calls.Enqueue("count devices");
            return store.CountAsync(state, cancellation);
        }

        public ValueTask<int> InsertMissingAsync(IReadOnlyCollection<Device> devices, CancellationToken cancellation)
        {
            calls.Enqueue("insert devices");
            return store.InsertMissingAsync(devices, cancellation);
        }

        public ValueTask SaveAsync(Device device, CancellationToken cancellation)
        {
            calls.Enqueue("save a device");
            return store.SaveAsync(device, cancellation);
        }

        public ValueTask<bool> DeleteAsync(DeviceId id, CancellationToken cancellation)
        {
            calls.Enqueue("delete a device");
            return store.DeleteAsync(id, cancellation);
        }
    }
}
