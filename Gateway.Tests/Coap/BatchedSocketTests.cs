using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Gateway.Coap;
using Gateway.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Coap;

/// <summary>What only many datagrams at a time can do wrong. The message layer's tests on the wire run over this socket too.</summary>
[Platform("Linux")]
internal sealed class BatchedSocketTests
{
    private const int SmallBuffer = 1024;

    private RecordedLog _log = null!;
    private FakeTimeProvider _time = null!;
    private BatchedSocket _socket = null!;
    private Socket _device = null!;
    private Receiver? _receiver;

    [SetUp]
    public void SetUp()
    {
        (_log, _time) = (new RecordedLog(), new FakeTimeProvider());
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        if (!LinuxSocket.IsUsable(socket.SafeHandle, out var reason))
        {
            socket.Dispose();
            Assert.Ignore(reason);
        }

        _socket = new BatchedSocket(socket, _time, _log, SmallBuffer);
        _device = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000 };
        _device.Connect(_socket.LocalEndPoint);
    }

    [TearDown]
    public void TearDown()
    {
        _socket?.Dispose();
        _device?.Dispose();
    }

    [Test]
    public void The_kernel_sees_the_structures_that_its_headers_declare()
    {
        Assert.That(Unsafe.SizeOf<IoVector>(), Is.EqualTo(16));
        Assert.That(Unsafe.SizeOf<MessageHeader>(), Is.EqualTo(56));
        Assert.That(Unsafe.SizeOf<BatchEntry>(), Is.EqualTo(64));
    }

    [Test]
    public void All_that_has_come_is_taken_in_order_and_no_more_than_a_batch_at_once()
    {
        for (var number = 0; number < 100; number++)
        {
            _device.Send([(byte)number]);
        }

        var first = ReceiveOnce();
        var second = ReceiveOnce();

        Assert.That(first, Has.Count.EqualTo(BatchedSocket.BatchSize));
        Assert.That(first.Concat(second).Select(bytes => bytes[0]), Is.EqualTo(Enumerable.Range(0, 100).Select(number => (byte)number)));
    }

    [Test]
    public void A_destination_that_fails_does_not_take_the_others_with_it([Values(0, 1, 2)] int failing)
    {
        _device.Send([0]);
        _socket.Receive(new Receiver((peer, _) =>
        {
            for (var number = 0; number < 3; number++)
            {
                // Without SO_BROADCAST the kernel refuses this address with EACCES (ip(7)).
                _socket.Send(number == failing ? Peer.From(new IPEndPoint(IPAddress.Broadcast, 9)) : peer, [(byte)number]);
            }
        }));

        Assert.That(new[] { Hear()[0], Hear()[0] }, Is.EqualTo(new[] { 0, 1, 2 }.Where(number => number != failing)));
        Assert.That(_log.At(LogLevel.Debug), Has.One.Contains("EACCES"));
    }

    [Test]
    public void Answers_of_any_size_and_number_arrive_in_their_order()
    {
        byte[][] answers = [.. Enumerable.Range(0, 150).Select(number => new byte[number % 50 == 49 ? 5000 : 1 + number])];
        _device.Send([0]);
        _socket.Receive(new Receiver((peer, _) => Array.ForEach(answers, answer => _socket.Send(peer, answer))));

        Assert.That(answers.Select(_ => Hear().Length).ToArray(), Is.EqualTo(answers.Select(answer => answer.Length)));
    }

    [Test]
    public void What_is_larger_than_its_buffer_is_dropped_and_the_next_is_taken()
    {
        _device.Send(new byte[SmallBuffer + 1]);
        _device.Send(new byte[SmallBuffer]);

        Assert.That(ReceiveOnce().Select(bytes => bytes.Length), Is.EqualTo(new[] { SmallBuffer }));
        Assert.That(_receiver!.Dropped, Is.EqualTo(new[] { DropReason.TooLarge }));
    }

    [Test]
    public void An_answer_does_not_wait_for_a_slow_neighbour()
    {
        _device.Send([1]);
        _device.Send([2]);
        _device.Send([3]);
        _socket.Receive(new Receiver((peer, bytes) =>
        {
            if (bytes[0] == 3)
            {
                Assert.That(new[] { Hear()[0], Hear()[0] }, Is.EqualTo(new byte[] { 1, 2 }), "they are out while the third is still handled");
            }

            _socket.Send(peer, bytes.ToArray());
            _time.Advance(TimeSpan.FromMilliseconds(bytes[0]));
        }));

        Assert.That(Hear()[0], Is.EqualTo(3));
    }

    [Test]
    public void An_answer_of_another_thread_goes_out_at_once()
    {
        _device.Send([0]);
        _socket.Receive(new Receiver((peer, _) =>
        {
            var other = new Thread(() => _socket.Send(peer, [7]));
            other.Start();
            other.Join();
            Assert.That(Hear()[0], Is.EqualTo(7));
        }));
    }

    [Test]
    public void Waking_ends_the_wait_without_a_datagram()
    {
        var received = 0;
        var waiting = new Thread(() => _socket.Receive(new Receiver((_, _) => received++)));
        waiting.Start();
        _socket.Wake();

        Assert.That(waiting.Join(Eventually.Limit), Is.True);
        Assert.That(received, Is.Zero);
    }

    [Test]
    public void A_closed_socket_sends_nothing_and_says_so()
    {
        _socket.Dispose();
        _socket.Send(Peer.From(new IPEndPoint(IPAddress.Loopback, 9)), [1]);

        Assert.That(_log.At(LogLevel.Debug), Has.One.Contains("ESHUTDOWN"));
    }

    [Test]
    public void A_handle_that_is_no_socket_is_not_usable()
    {
        using var file = File.OpenHandle(Path.GetTempFileName(), options: FileOptions.DeleteOnClose);

        Assert.That(LinuxSocket.IsUsable(file, out var reason), Is.False);
        Assert.That(reason, Does.Contain("recvmmsg"));
    }

    private byte[] Hear()
    {
        var buffer = new byte[65536];
        return buffer[.._device.Receive(buffer)];
    }

    private List<byte[]> ReceiveOnce()
    {
        var received = new List<byte[]>();
        _receiver = new Receiver((_, bytes) => received.Add(bytes.ToArray()));
        _socket.Receive(_receiver);
        return received;
    }
}
