//! Z1 and Z3 as a property: in any practice whatsoever, who may see a record and who may see a thread is what the rules
//! say, person by person, and nothing more.

use crate::support::Database;
use carehub::{
    accounts::{
        Role,
        access::{self, Viewer, find_client_access},
    },
    ids::{PracticeId, ThreadId, UserId},
    threads::access::{Through, find_access_many},
};
use diesel_async::SimpleAsyncConnection;
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, TestRunner},
};
use std::collections::HashMap;
use uuid::Uuid;

const ROLES: [Role; 4] = [Role::Client, Role::Clinician, Role::Staff, Role::Admin];
/// Two practices.
const PRACTICES: usize = 2;
const PEOPLE: usize = 10;
const THREADS: usize = 6;

/// Any state that the tables can hold, by numbers of people and threads.
#[derive(Clone, Debug)]
struct World {
    /// Practice and role.
    people: Vec<(usize, usize)>,
    threads: Vec<Conversation>,
    /// Client, colleague.
    cares: Vec<(usize, usize)>,
    /// Client, colleague, whether the hour is over.
    broke_glass: Vec<(usize, usize, bool)>,
}

#[derive(Clone, Debug)]
struct Conversation {
    client: usize,
    assignee: Option<usize>,
    is_open: bool,
    /// Who, and whether they left.
    participants: HashMap<usize, bool>,
}

fn worlds() -> impl Strategy<Value = World> {
    let person = || 0..PEOPLE;
    let conversation = (person(), proptest::option::of(person()), any::<bool>(), vec((person(), any::<bool>()), 0..4));
    let conversation = conversation.prop_map(|(client, assignee, is_open, participants)| Conversation {
        client,
        assignee,
        is_open,
        participants: participants.into_iter().collect(),
    });
    (
        vec((0..PRACTICES, 0..ROLES.len()), PEOPLE),
        vec(conversation, THREADS),
        vec((person(), person()), 0..8),
        vec((person(), person(), any::<bool>()), 0..6),
    )
        .prop_map(|(people, threads, cares, broke_glass)| World { people, threads, cares, broke_glass })
}

impl World {
    fn role(&self, person: usize) -> Role {
        ROLES[self.people[person].1]
    }

    fn practice(&self, person: usize) -> usize {
        self.people[person].0
    }

    fn cares(&self, viewer: usize, client: usize) -> bool {
        self.cares.contains(&(client, viewer))
    }

    fn has_emergency(&self, viewer: usize, client: usize) -> bool {
        self.broke_glass.contains(&(client, viewer, false))
    }

    /// The rule of records: clients their own; those who work for the practice the records of its clients for whom they
    /// care, and for an hour those for whom they broke the glass.
    fn sees_record(&self, viewer: usize, client: usize) -> Option<access::Through> {
        if self.role(viewer) == Role::Client {
            return (viewer == client).then_some(access::Through::Oneself);
        }
        if self.role(client) != Role::Client || self.practice(client) != self.practice(viewer) {
            return None;
        }
        match (self.cares(viewer, client), self.has_emergency(viewer, client)) {
            (true, _) => Some(access::Through::CareTeam),
            (_, true) => Some(access::Through::BreakGlass),
            _ => None,
        }
    }

    /// The rule of threads: those in which one takes part; those who work for the practice also what lies open in its
    /// pool, and the threads of the clients whose record is open to them.
    fn sees_thread(&self, viewer: usize, thread: &Conversation) -> Option<Through> {
        if thread.participants.get(&viewer) == Some(&false) {
            return Some(Through::Part);
        }
        if self.role(viewer) == Role::Client || self.practice(thread.client) != self.practice(viewer) {
            return None;
        }
        let in_pool = thread.assignee.is_none() && thread.is_open;
        match (self.cares(viewer, thread.client), in_pool, self.has_emergency(viewer, thread.client)) {
            (true, ..) => Some(Through::CareTeam),
            (_, true, _) => Some(Through::Pool),
            (.., true) => Some(Through::BreakGlass),
            _ => None,
        }
    }

    /// Writes it into the tables.
    fn statements(&self, practices: &[Uuid], people: &[Uuid], threads: &[Uuid]) -> String {
        let mut sql = String::new();
        let mut add = |statement: String| sql.push_str(&statement);
        for id in practices {
            add(format!("INSERT INTO practices (id, name, time_zone) VALUES ('{id}', 'x', 'UTC');"));
        }
        for (n, id) in people.iter().enumerate() {
            let (practice, role) = (practices[self.practice(n)], self.role(n).as_str());
            add(format!(
                "INSERT INTO users (id, practice_id, role, email, name, time_zone)
                VALUES ('{id}', '{practice}', '{role}', '{id}@example.org', 'x', 'UTC');
                INSERT INTO data_keys (id, owner_id, wrapped, master_key_id) VALUES ('{id}', '{id}', '\\x00', 'x');"
            ));
        }
        for (thread, id) in self.threads.iter().zip(threads) {
            let (client, practice) = (people[thread.client], practices[self.practice(thread.client)]);
            let assignee = thread.assignee.map_or("NULL".to_owned(), |person| format!("'{}'", people[person]));
            let status = if thread.is_open { "open" } else { "closed" };
            add(format!(
                "INSERT INTO threads (id, practice_id, client_id, data_key_id, subject_sealed, assignee_id, status)
                VALUES ('{id}', '{practice}', '{client}', '{client}', '\\x00', {assignee}, '{status}');"
            ));
            for (person, left) in &thread.participants {
                let left = if *left { "now()" } else { "NULL" };
                let person = people[*person];
                add(format!(
                    "INSERT INTO participants (thread_id, user_id, left_at) VALUES ('{id}', '{person}', {left});"
                ));
            }
        }
        for (client, user) in &self.cares {
            let (client, user) = (people[*client], people[*user]);
            add(format!(
                "INSERT INTO client_care (client_id, user_id) VALUES ('{client}', '{user}') ON CONFLICT DO NOTHING;"
            ));
        }
        for (client, user, is_over) in &self.broke_glass {
            let (practice, client, user) = (practices[self.practice(*client)], people[*client], people[*user]);
            let expires = if *is_over { "now() - interval '1 second'" } else { "now() + interval '1 hour'" };
            add(format!(
                "INSERT INTO break_glass (id, practice_id, client_id, user_id, key_id, reason_sealed, expires_at)
                VALUES (gen_random_uuid(), '{practice}', '{client}', '{user}', '{client}', '\\x00', {expires});"
            ));
        }
        sql
    }
}

#[test]
fn in_any_practice_whatsoever_everybody_sees_what_the_rules_say_and_nothing_more() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (database, mut conn) = runtime.block_on(async {
        let database = Database::fresh().await;
        let conn = database.connect().await;
        (database, conn)
    });
    let conn = std::cell::RefCell::new(&mut conn);
    let by_right = std::cell::RefCell::new(HashMap::<String, usize>::new());
    let config = Config { cases: 96, failure_persistence: None, ..Config::default() };
    let property = |world: World| {
        let conn: &mut diesel_async::AsyncPgConnection = &mut conn.borrow_mut();
        let ids = |count| (0..count).map(|_| Uuid::now_v7()).collect::<Vec<_>>();
        let (practices, people, threads) = (ids(PRACTICES), ids(PEOPLE), ids(THREADS));
        runtime.block_on(async {
            conn.batch_execute(&world.statements(&practices, &people, &threads)).await.unwrap();
            for (n, id) in people.iter().enumerate() {
                let (user, practice) = (UserId(*id), PracticeId(practices[world.practice(n)]));
                let viewer = Viewer { user, practice, role: world.role(n) };
                let all: Vec<ThreadId> = threads.iter().map(|id| ThreadId(*id)).collect();
                let found = find_access_many(conn, viewer, &all).await.unwrap();
                let found: HashMap<Uuid, Through> =
                    found.iter().map(|access| (access.thread().0, access.through())).collect();
                for (thread, id) in world.threads.iter().zip(&threads) {
                    let (found, expected) = (found.get(id).copied(), world.sees_thread(n, thread));
                    prop_assert_eq!(found, expected, "person {} and {:?}", n, thread);
                    *by_right.borrow_mut().entry(format!("thread {found:?}")).or_default() += 1;
                }
                for (other, id) in people.iter().enumerate() {
                    let found = find_client_access(conn, viewer, UserId(*id)).await.unwrap();
                    let found = found.map(|access| access.through());
                    prop_assert_eq!(found, world.sees_record(n, other), "person {} and the record of {}", n, other);
                    *by_right.borrow_mut().entry(format!("record {found:?}")).or_default() += 1;
                }
            }
            Ok(())
        })
    };
    TestRunner::new(config).run(&worlds(), property).unwrap();
    let by_right = by_right.into_inner();
    // Every rule was met: the rarest some fifteen times in a usual run.
    assert_eq!(by_right.len(), 5 + 4, "{by_right:?}");
    assert!(by_right.values().all(|times| *times >= 3), "{by_right:?}");
    drop(database);
}
