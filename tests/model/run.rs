//! A run of a script: a new user, his devices, and what must hold when all of them have synced.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use serde_json::Value;
use steward::clock::Clock as _;
use steward::id::Id;
use steward::users::create::NewUser;

use super::device::{Device, Party};
use super::headless::{Headless, Node};
use super::ledger::{Checked, Deed, Figures, Ledger};
use super::network::{Delivery, Letter, Line, Network};
use super::replica::{Replica, whole};
use super::script::{Fate, Move, Script, Step};
use crate::support::app::{ACCOUNT_LIST, MADE_AT, USER, id, stamp};
use crate::support::{Place, TestApp};

/// Two nodes on one database, for many runs.
pub struct World {
    app: TestApp,
    network: Network,
    _other: TestApp,
    /// Where the first device of each run is the reference client.
    node: Option<Rc<RefCell<Node>>>,
    /// What the first of the new users has, whose id is known.
    first: OnceCell<(Id, String)>,
}

/// Whom all users are shown as the record of.
const MASTER: &str = "df2cc53d-87d3-46e9-84b8-757921ebda71";

/// So often an edit is sent in the end before something is wrong.
const ENOUGH: usize = 12;

struct Run<'a> {
    world: &'a World,
    line: Line,
    devices: Vec<Box<dyn Party>>,
    ledger: Ledger,
    /// What the network has kept, with the node that it will go to.
    kept: Vec<(usize, Letter)>,
}

impl World {
    pub async fn new(node: Option<Rc<RefCell<Node>>>) -> Self {
        let app = TestApp::at(Place::in_memory());
        let other = app.second_node();
        let network = Network::between([&app, &other]).await;
        Self { app, network, _other: other, node, first: OnceCell::new() }
    }

    /// Plays a script with a new user.
    pub async fn play(&self, script: &Script, checked: bool) -> Result<Figures, String> {
        self.app.clock.set(stamp(MADE_AT));
        let (own, token) = self.new_user().await;
        let line = Line { token, checked };
        let (first, mut replica) = (self.first_pull(own, &line).await, Replica::default());
        replica.pull(&first);
        let ledger = Ledger::beginning(&replica.resources);
        let devices = script.devices.iter().enumerate();
        let devices = devices.map(|(number, habits)| -> Box<dyn Party> {
            match self.node.as_ref().filter(|_| number == 0) {
                Some(node) => Box::new(Headless::new(node, number, habits, &first)),
                None => Box::new(Device::new(number, habits.clone(), replica.clone())),
            }
        });
        let mut run = Run { world: self, line, devices: devices.collect(), ledger, kept: Vec::new() };
        for step in &script.steps {
            run.take(step).await?;
        }
        run.settle().await?;
        Ok(run.ledger.figures)
    }

    /// Makes a user with an e-mail address and an account list; returns his id and token.
    async fn new_user(&self) -> (Id, String) {
        let own = Id::random();
        let user = NewUser::new(own, "Rey", stamp(MADE_AT))
            .map(|user| user.master_person(id(MASTER)))
            .and_then(|user| user.email(id("cbb8d3f5-8000-46b1-81f9-5e3c3a49819f"), "rey@example.com"))
            .and_then(|user| user.account_list(id(ACCOUNT_LIST), "Rey's account list"))
            .expect("a user");
        self.app.state.db.write(move |connection| user.insert(connection)).await.expect("a user");
        (own, self.app.state.tokens.issue(own, self.app.clock.now(), 0, 1_000_000).expect("a token"))
    }

    /// The first pull of a new user. All are alike but for their ids, so it is mostly told by another's.
    async fn first_pull(&self, own: Id, line: &Line) -> Value {
        if let Some((other, text)) = self.first.get().filter(|_| !line.checked) {
            let text = text.replace(&other.to_string(), &own.to_string());
            return serde_json::from_str(&text).expect("JSON");
        }
        let pull = Letter::get(Replica::default().next_pull());
        let reply = self.network.send(0, line, &pull).await;
        let _ = self.first.set((own, reply.text.clone()));
        reply.json.clone()
    }
}

impl Run<'_> {
    async fn take(&mut self, step: &Step) -> Checked {
        let number = self.devices.len();
        match step {
            Step::Edit { device, edit, online } => {
                self.devices[device % number].edit(edit);
                match online {
                    Some((node, fate)) => self.send(device % number, *node, *fate).await.map(drop),
                    None => Ok(()),
                }
            }
            Step::Sync { device, node, fate } => {
                let mut fate = *fate;
                while self.send(device % number, *node, fate).await? {
                    fate = Fate::Fine;
                }
                self.pull(device % number, *node).await
            }
            Step::Together { first, moves } => {
                self.together([first % number, (first + 1) % number], moves).await
            }
            Step::Arrivals => self.arrivals().await,
            Step::Clock(seconds) => {
                self.world.app.clock.advance(*seconds);
                Ok(())
            }
        }
    }

    /// Sends the first of a device's queue; whether it was heard of, and there is more.
    async fn send(&mut self, device: usize, node: usize, fate: Fate) -> Result<bool, String> {
        let now = self.world.app.clock.now().seconds();
        let Some(letter) = self.devices[device].letter(now) else { return Ok(false) };
        let fate = Network::fate(&letter, fate);
        if fate == Fate::Late {
            self.kept.push((node, letter.clone()));
        }
        let newest = self.ledger.newest();
        let delivery = self.world.network.deliver(node, &self.line, &letter, fate).await;
        let heard = self.arrived(device, &letter, delivery, &newest)?;
        Ok(heard && self.devices[device].left().is_some())
    }

    fn arrived(
        &mut self,
        device: usize,
        letter: &Letter,
        delivery: Delivery,
        newest: &str,
    ) -> Result<bool, String> {
        for answer in &delivery.answers {
            self.ledger.record(letter, answer, newest)?;
        }
        let Some(reply) = delivery.heard else {
            self.ledger.figures.unheard += 1;
            return Ok(false);
        };
        self.devices[device].hear(letter, &reply);
        Ok(true)
    }

    async fn pull(&mut self, device: usize, node: usize) -> Checked {
        let letter = Letter::get(self.devices[device].next_pull());
        let newest = self.ledger.newest();
        let reply = self.world.network.send(node, &self.line, &letter).await;
        self.pulled(device, &reply.json, &newest)
    }

    fn pulled(&mut self, device: usize, document: &Value, newest: &str) -> Checked {
        let told = document["meta"]["updated_in_db_at"].as_str().ok_or_else(|| document.to_string())?;
        if told < newest {
            return Err(format!("pulled the state of {told} when {newest} was known"));
        }
        self.ledger.see(told, document, &Deed::default());
        self.devices[device].pull(document);
        Ok(())
    }

    /// Two devices, at once, each at another node.
    async fn together(&mut self, devices: [usize; 2], moves: &[Move; 2]) -> Checked {
        let now = self.world.app.clock.now().seconds();
        let mut letters = Vec::new();
        for (device, doing) in devices.into_iter().zip(moves) {
            letters.push(match doing {
                Move::Edit(edit) => {
                    self.devices[device].edit(edit);
                    self.devices[device].letter(now)
                }
                Move::Pull => Some(Letter::get(self.devices[device].next_pull())),
            });
        }
        let newest = self.ledger.newest();
        let sent = letters.iter().enumerate().map(async |(node, letter)| {
            let letter = letter.as_ref()?;
            Some(self.world.network.deliver(node, &self.line, letter, Fate::Fine).await)
        });
        let deliveries = futures_util::future::join_all(sent).await;
        for ((device, letter), delivery) in devices.into_iter().zip(&letters).zip(deliveries) {
            let (Some(letter), Some(delivery)) = (letter, delivery) else { continue };
            match delivery.heard {
                Some(reply) if letter.body.is_none() && letter.path.contains("/changes") => {
                    self.pulled(device, &reply.json, &newest)?;
                }
                _ => _ = self.arrived(device, letter, delivery, &newest)?,
            }
        }
        Ok(())
    }

    async fn arrivals(&mut self) -> Checked {
        for (node, letter) in std::mem::take(&mut self.kept).into_iter().rev() {
            let newest = self.ledger.newest();
            let reply = self.world.network.send(node, &self.line, &letter).await;
            self.ledger.record(&letter, &reply, &newest)?;
        }
        Ok(())
    }

    /// Everybody comes online and syncs; then all agree, and the ledger explains what they have.
    async fn settle(&mut self) -> Checked {
        self.arrivals().await?;
        for device in 0..self.devices.len() {
            while let Some(tries) = self.devices[device].left() {
                if tries > ENOUGH {
                    return Err(format!("device {device} was never answered for good"));
                }
                self.send(device, device, Fate::Fine).await?;
                // Some things are known only after a pull.
                self.pull(device, device).await?;
            }
        }
        let path = format!("{USER}?include=*");
        let last = whole(&self.world.network.send(0, &self.line, &Letter::get(path)).await.json);
        self.ledger.check(&last)?;
        for device in 0..self.devices.len() {
            self.pull(device, device + 1).await?;
            let replica = self.devices[device].resources();
            if replica != last {
                let other = last.iter().find(|(name, resource)| replica.get(*name) != Some(*resource));
                let more = replica.keys().find(|name| !last.contains_key(*name));
                return Err(format!(
                    "device {device} has not what the server has: {other:?}, but {:?} and {more:?}",
                    other.and_then(|(name, _)| replica.get(name))
                ));
            }
        }
        Ok(())
    }
}
