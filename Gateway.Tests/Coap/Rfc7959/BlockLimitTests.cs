using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;
using static Gateway.Tests.Coap.Rfc7959.Blocks;

namespace Gateway.Tests.Coap.Rfc7959;

/// <summary>What happens at each bound of the transfers, and that abandoned ones go.</summary>
internal sealed class BlockLimitTests : BlockwiseTest
{
    private static readonly string Whole = Text(2048);

    [Test]
    public async Task At_a_peers_bound_its_oldest_transfer_makes_room()
    {
        await RestartAsync(new CoapSettings { MaxTransfersPerPeer = 2 });
        Put(1, "0/1/1024", tag: 1).Expect(ACK, 1, "2.31");
        Put(2, "0/1/1024", tag: 2).Expect(ACK, 2, "2.31");
        Server.NewPeer().Send(CON, 1, PUT, "/m", Part(Whole, "0/1/1024"), Block1("0/1/1024")).Expect(ACK, 1, "2.31");
        Put(3, "0/1/1024", tag: 3).Expect(ACK, 3, "2.31");
        Put(4, "1/0/1024", tag: 1).Expect(ACK, 4, "4.08");
        Put(5, "1/0/1024", tag: 2).Expect(ACK, 5, "2.04");

        Assert.That(Dropped("peer"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_finished_transfer_makes_room_before_an_older_one_that_is_under_way()
    {
        await RestartAsync(new CoapSettings { MaxTransfersPerPeer = 2 });
        Put(1, "0/1/1024", tag: 1).Expect(ACK, 1, "2.31");
        Put(2, "0/1/1024", tag: 2).Expect(ACK, 2, "2.31");
        Put(3, "1/0/1024", tag: 2).Expect(ACK, 3, "2.04");
        Put(4, "0/1/1024", tag: 3).Expect(ACK, 4, "2.31");
        Put(5, "1/0/1024", tag: 1).Expect(ACK, 5, "2.04");

        Assert.That(Meters["gateway.coap.transfers.dropped"], Is.Zero);
    }

    [Test]
    public async Task At_the_bound_of_all_the_one_used_longest_ago_makes_room()
    {
        await RestartAsync(new CoapSettings { MaxTransfers = 3 });
        var peers = Enumerable.Range(0, 4).Select(_ => Server.NewPeer()).ToArray();
        for (var index = 0; index < 3; index++)
        {
            peers[index].Send(CON, 1, PUT, "/m", Part(Whole, "0/1/512"), Block1("0/1/512")).Expect(ACK, 1, "2.31");
        }

        peers[0].Send(CON, 2, PUT, "/m", Part(Whole, "1/1/512"), Block1("1/1/512")).Expect(ACK, 2, "2.31");
        peers[3].Send(CON, 1, PUT, "/m", Part(Whole, "0/1/512"), Block1("0/1/512")).Expect(ACK, 1, "2.31");
        peers[1].Send(CON, 2, PUT, "/m", Part(Whole, "1/1/512"), Block1("1/1/512")).Expect(ACK, 2, "4.08");
        peers[0].Send(CON, 3, PUT, "/m", Part(Whole, "2/1/512"), Block1("2/1/512")).Expect(ACK, 3, "2.31");

        Assert.That((Dropped("all"), Meters["gateway.coap.transfers"]), Is.EqualTo((1, 3)));
    }

    [Test]
    public async Task At_the_bound_of_bytes_the_one_used_longest_ago_makes_room()
    {
        await RestartAsync(new CoapSettings { MaxTransferBytes = 7500 });
        Put(1, "0/1/1024", tag: 1).Expect(ACK, 1, "2.31");
        Put(2, "0/1/1024", tag: 2).Expect(ACK, 2, "2.31");
        Put(3, "0/1/1024", tag: 3).Expect(ACK, 3, "2.31");
        Put(4, "0/1/1024", tag: 4).Expect(ACK, 4, "2.31");
        Assert.That(Dropped("bytes"), Is.EqualTo(1), "a transfer that begins makes room");
        Put(5, "1/0/1024", tag: 1).Expect(ACK, 5, "4.08");
        Put(6, "1/0/1024", tag: 4).Expect(ACK, 6, "2.04");
        Assert.That(Dropped("bytes"), Is.EqualTo(2), "and so does one that grows");
        Put(7, "1/0/1024", tag: 2).Expect(ACK, 7, "4.08");
        Put(8, "1/0/1024", tag: 3).Expect(ACK, 8, "2.04");
    }

    [Test]
    public async Task An_answer_larger_than_all_the_room_is_not_kept_but_a_GET_still_gets_it()
    {
        await RestartAsync(new CoapSettings { MaxTransferBytes = 700 });
        Device.Send(CON, 1, GET, "/large", "", Block2("0/0/128")).Expect(ACK, 1, "2.05").Carrying("2:0/1/128");
        Device.Send(CON, 2, GET, "/large", "", Block2("1/0/128")).Expect(ACK, 2, "2.05").Carrying("2:1/1/128");

        Assert.That(Asked, Has.Count.EqualTo(2));
        Assert.That(Meters["gateway.coap.transfers"], Is.Zero);
    }

    [Test]
    public void A_transfer_is_forgotten_when_nothing_of_it_came_for_EXCHANGE_LIFETIME()
    {
        var almost = TransmissionParameters.Default.ExchangeLifetime - TimeSpan.FromSeconds(1);
        Put(1, "0/1/512").Expect(ACK, 1, "2.31");
        Time.Advance(almost);
        Put(2, "1/1/512").Expect(ACK, 2, "2.31");
        Time.Advance(almost);
        Put(3, "2/1/512").Expect(ACK, 3, "2.31");
        Assert.That(Meters["gateway.coap.transfers"], Is.EqualTo(1));
        Time.Advance(TransmissionParameters.Default.ExchangeLifetime);

        Assert.That((Meters["gateway.coap.transfers"], Dropped("expired")), Is.EqualTo((0, 1)));
        Put(4, "3/0/512").Expect(ACK, 4, "4.08");
    }

    [Test]
    public void What_is_finished_is_forgotten_without_being_counted_as_dropped()
    {
        Put(1, "0/1/1024").Expect(ACK, 1, "2.31");
        Put(2, "1/0/1024").Expect(ACK, 2, "2.04");
        Device.Send(CON, 3, GET, "/large", "", Block2("0/0/256")).Expect(ACK, 3, "2.05");
        Device.Send(CON, 4, GET, "/large", "", Block2("1/0/256")).Expect(ACK, 4, "2.05");
        Assert.That(Meters["gateway.coap.transfers"], Is.EqualTo(2));
        Time.Advance(TransmissionParameters.Default.ExchangeLifetime);

        Assert.That((Meters["gateway.coap.transfers"], Meters["gateway.coap.transfers.dropped"]), Is.EqualTo((0, 0)));
    }

    [Test]
    public void Requests_without_blocks_leave_nothing()
    {
        Device.Send(CON, 1, PUT, "/m", "x").Expect(ACK, 1, "2.04");
        Device.Send(CON, 2, GET, "/large").Expect(ACK, 2, "2.05");

        Assert.That(Meters["gateway.coap.transfers"], Is.Zero);
    }

    private double Dropped(string reason) => Meters[$"gateway.coap.transfers.dropped/{reason}"];

    private ScriptedPeer Put(int id, string block, byte tag = 0) =>
        Device.Send(CON, id, PUT, "/m", Part(Whole, block), Block1(block), RequestTag(tag));
}
